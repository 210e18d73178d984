/** How many wrong attempts an address has, and how soon it gets them back. */
export interface LockoutPolicy {
  readonly attempts: number;
  /** Time for one attempt to come back, milliseconds. */
  readonly recoveryMs: number;
}

/** Keys that are remembered; the one unused for longest goes first. */
const mostKeys = 10_000;

/** Counts what went wrong by key: whoever has used up its attempts waits. */
export class Lockout {
  readonly #policy: LockoutPolicy;
  readonly #clock: { monotonic(): number };
  /** Monotonic milliseconds at which all attempts are back; the last in the map was used last. */
  readonly #fullAt = new Map<string, number>();

  constructor(policy: LockoutPolicy, clock: { monotonic(): number }) {
    this.#policy = policy;
    this.#clock = clock;
  }

  /** Seconds to wait; 0: there is an attempt left. */
  waitOf(key: string): number {
    const { attempts, recoveryMs } = this.#policy;
    const missingMs = (this.#fullAt.get(key) ?? 0) - this.#clock.monotonic();
    const excessMs = missingMs - (attempts - 1) * recoveryMs;
    return excessMs <= 0 ? 0 : Math.ceil(excessMs / 1_000);
  }

  /** Takes one attempt away. */
  count(key: string): void {
    const now = this.#clock.monotonic();
    const fullAt = Math.max(now, this.#fullAt.get(key) ?? 0) + this.#policy.recoveryMs;
    this.#fullAt.delete(key);
    this.#fullAt.set(key, fullAt);
    if (this.#fullAt.size <= mostKeys) return;
    const [oldest] = this.#fullAt.keys();
    if (oldest !== undefined) this.#fullAt.delete(oldest);
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#fullAt.size;
  }
}
