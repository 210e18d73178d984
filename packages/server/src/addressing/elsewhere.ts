import type { IpAddress } from '@masque-vpn/protocol';

/** How long an address that another server has is not tried again, milliseconds. */
const TTL_MS = 5 * 60_000;

/** What other servers have, and until when that is believed. */
export class Elsewhere {
  /** The soonest end first. */
  readonly #until = new Map<bigint, number>();

  get size(): number {
    return this.#until.size;
  }

  add(address: IpAddress, now: number): void {
    this.#until.delete(address.value);
    this.#until.set(address.value, now + TTL_MS);
  }

  has(address: bigint): boolean {
    return this.#until.has(address);
  }

  expire(now: number): void {
    for (const [address, until] of this.#until) {
      if (until > now) break;
      this.#until.delete(address);
    }
  }
}
