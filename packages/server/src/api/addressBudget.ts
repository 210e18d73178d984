/** Requests without credentials that one address may make at once, and how fast they come back. */
const burst = 120;
const perSecond = 2;

/** Addresses that are remembered; the one unused for longest goes first. */
const mostAddresses = 10_000;

interface Bucket {
  tokens: number;
  /** Monotonic milliseconds. */
  at: number;
}

/** A token bucket per address, for what anybody may ask: guesses, logins, links. */
export class AddressBudget {
  readonly #buckets = new Map<string, Bucket>();
  readonly #clock: { monotonic(): number };

  constructor(clock: { monotonic(): number }) {
    this.#clock = clock;
  }

  /** Takes one request out of the budget; seconds to wait when it is empty, else 0. */
  take(address: string): number {
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(address) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    // The last in the map is the one used last.
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    this.#forgetOldest();
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / perSecond);
    bucket.tokens -= 1;
    return 0;
  }

  #forgetOldest(): void {
    if (this.#buckets.size <= mostAddresses) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
