import type { Retry } from '../failure.js';

/** Bounds of the waits between attempts, milliseconds. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly longestMs: number;
  /** Shortest wait where only somebody's action on the server helps; up to twice as long. */
  readonly slowMs: number;
  /** A tunnel that was up for this long makes the next loss count as the first again. */
  readonly stableMs: number;
  /** Longest wait a server may ask for. */
  readonly retryAfterMs: number;
}

export const defaultBackoff: BackoffBounds = {
  firstMs: 250,
  longestMs: 30_000,
  slowMs: 15_000,
  stableMs: 10_000,
  retryAfterMs: 300_000,
};

/**
 * Waits between attempts: exponential with full jitter, so that ten thousand clients that lose one server at the
 * same moment do not come back at the same moment.
 */
export class Backoff {
  #failures = 0;

  /** `random` returns 0 ≤ x < 1. */
  readonly #random: () => number;
  readonly #bounds: BackoffBounds;

  constructor(random: () => number, bounds: BackoffBounds = defaultBackoff) {
    this.#random = random;
    this.#bounds = bounds;
  }

  /** Failed attempts since the tunnel was last stable. */
  get attempts(): number {
    return this.#failures;
  }

  /** Milliseconds until the next attempt after one that failed, or null when there should be none. */
  next(retry: Retry, retryAfterMs = 0): number | null {
    if (retry === 'never') return null;
    const { firstMs, longestMs, slowMs } = this.#bounds;
    const exponential = this.#random() * Math.min(longestMs, firstMs * 2 ** Math.min(this.#failures, 30));
    const wait = retry === 'slowly' ? slowMs * (1 + this.#random()) : exponential;
    this.#failures += 1;
    const asked = Math.min(retryAfterMs, this.#bounds.retryAfterMs);
    return Math.round(asked > 0 ? Math.max(wait, asked + exponential) : wait);
  }

  /** To be told when a tunnel ends that was up for `upMs`. */
  ended(upMs: number): void {
    if (upMs >= this.#bounds.stableMs) this.#failures = 0;
  }
}
