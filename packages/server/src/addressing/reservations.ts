import type { IpAddress } from '@masque-vpn/protocol';

/** Addresses that are kept for one client each. */
export class Reservations {
  readonly #owners = new Map<bigint, string>();
  readonly #addresses = new Map<string, IpAddress>();

  get size(): number {
    return this.#owners.size;
  }

  /** Keeps an address for a client, instead of the one it had. */
  keep(address: IpAddress, clientUuid: string): void {
    this.giveBack(clientUuid);
    this.#owners.set(address.value, clientUuid);
    this.#addresses.set(clientUuid, address);
  }

  /** Ends what was kept for a client; which address that was, or null. */
  giveBack(clientUuid: string): IpAddress | null {
    const address = this.of(clientUuid);
    if (address === null) return null;
    this.#addresses.delete(clientUuid);
    this.#owners.delete(address.value);
    return address;
  }

  of(clientUuid: string): IpAddress | null {
    return this.#addresses.get(clientUuid) ?? null;
  }

  ownerOf(address: bigint): string | null {
    return this.#owners.get(address) ?? null;
  }

  isFor(address: bigint, clientUuid: string): boolean {
    return (this.ownerOf(address) ?? clientUuid) === clientUuid;
  }

  addresses(): Iterable<bigint> {
    return this.#owners.keys();
  }
}
