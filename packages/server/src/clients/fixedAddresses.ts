import { fail, formatAddress, ok, parseAddress, type Result } from '@masque-vpn/protocol';
import type { Pools } from '../addressing/pools.js';
import type { ClientChange } from '../store/clients.js';
import type { Repositories } from '../store/repositories.js';
import type { ClientFailure } from './clientFailure.js';

/** Judges the inner addresses that are to be kept for one client. */
export class FixedAddresses {
  readonly #pools: Pick<Pools, 'isForClients' | 'occupantOf'>;

  constructor(pools: Pick<Pools, 'isForClients' | 'occupantOf'>) {
    this.#pools = pools;
  }

  /**
   * Whether the client can have them. Codes: FIXED_ADDRESS_OUTSIDE_POOL, FIXED_ADDRESS_TAKEN, FIXED_ADDRESS_IN_USE.
   *
   * @param clientUuid null: of a client that is about to be made
   */
  async check(
    repositories: Pick<Repositories, 'clients'>,
    wanted: { readonly clientUuid: string | null } & Pick<ClientChange, 'fixedIpv4' | 'fixedIpv6'>,
  ): Promise<Result<void, ClientFailure>> {
    const { clientUuid, fixedIpv4, fixedIpv6 } = wanted;
    for (const [family, text] of [
      [4, fixedIpv4],
      [6, fixedIpv6],
    ] as const) {
      if (text === null || text === undefined) continue;
      const address = parseAddress(text);
      if (!address.ok || address.value.family !== family || !this.#pools.isForClients(address.value)) {
        const message = `${text} is no IPv${family} address that clients can have: it lies in no pool, or is the server's`;
        return fail({ code: 'FIXED_ADDRESS_OUTSIDE_POOL', message });
      }
      const owner = await repositories.clients.findByFixedAddress(family, formatAddress(address.value));
      if (owner !== null && owner.uuid !== clientUuid) {
        const message = `${text} is kept for the client "${owner.slug}" already`;
        return fail({ code: 'FIXED_ADDRESS_TAKEN', message });
      }
      const occupant = this.#pools.occupantOf(address.value);
      if (occupant !== null && occupant !== clientUuid) {
        const message = `another client has ${text} now, or had it a moment ago; disconnect it, and end the quarantine of its address`;
        return fail({ code: 'FIXED_ADDRESS_IN_USE', message });
      }
    }
    return ok(undefined);
  }
}
