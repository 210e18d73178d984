import type { PeerLimits } from '../engine.js';

/** Token bucket for one session's control capsules (CIP-610). */
export class CapsuleBudget {
  readonly #limits: PeerLimits;
  #tokens: number;
  #filledAtMs: number;

  constructor(limits: PeerLimits, nowMs: number) {
    this.#limits = limits;
    this.#tokens = limits.capsuleBurst;
    this.#filledAtMs = nowMs;
  }

  /** Takes one capsule of `bytes`; false means the peer went too far: size (CIP-608) or rate (CIP-610). */
  take(bytes: number, nowMs: number): boolean {
    if (bytes > this.#limits.capsuleBytes) return false;
    const earned = ((nowMs - this.#filledAtMs) / 1000) * this.#limits.capsulesPerSecond;
    this.#tokens = Math.min(this.#limits.capsuleBurst, this.#tokens + Math.max(0, earned));
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
