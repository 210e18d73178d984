import { fail, formatAddress, ok, parseAddress, type IpAddress, type Result } from '@masque-vpn/protocol';
import type { Pools } from '../addressing/pools.js';
import type { ClientChange, ClientRecord } from '../store/clients.js';
import type { Repositories } from '../store/repositories.js';
import type { PolicyFailure } from './failure.js';

/** Inner addresses that clients have for good. */
export class FixedAddresses {
  readonly #pools: Pick<Pools, 'reserve' | 'isForClients' | 'occupantOf'>;

  constructor(pools: Pick<Pools, 'reserve' | 'isForClients' | 'occupantOf'>) {
    this.#pools = pools;
  }

  /** Keeps a client's addresses for it, from its next session on; those it had before are anybody's again. */
  keep({ uuid, fixedIpv4, fixedIpv6 }: Pick<ClientRecord, 'uuid' | 'fixedIpv4' | 'fixedIpv6'>): void {
    this.#pools.reserve(uuid, [...addressOf(fixedIpv4), ...addressOf(fixedIpv6)]);
  }

  forget(clientUuid: string): void {
    this.#pools.reserve(clientUuid, []);
  }

  /**
   * Whether a client can have what is wanted for it. Codes: FIXED_ADDRESS_OUTSIDE_POOL, FIXED_ADDRESS_TAKEN,
   * FIXED_ADDRESS_IN_USE.
   */
  async check(
    repositories: Repositories,
    wanted: { readonly clientUuid: string | null } & Pick<ClientChange, 'fixedIpv4' | 'fixedIpv6'>,
  ): Promise<Result<void, PolicyFailure>> {
    for (const address of [...addressOf(wanted.fixedIpv4), ...addressOf(wanted.fixedIpv6)]) {
      const text = formatAddress(address);
      if (!this.#pools.isForClients(address)) {
        return fail({
          code: 'FIXED_ADDRESS_OUTSIDE_POOL',
          message: `${text} lies in no pool, or is the server's own; see [pool] of server.toml`,
        });
      }
      const owner = await repositories.clients.findByFixedAddress(address.family, text);
      if (owner !== null && owner.uuid !== wanted.clientUuid) {
        return fail({
          code: 'FIXED_ADDRESS_TAKEN',
          message: `${text} is the fixed address of ${owner.slug}`,
        });
      }
      const occupant = this.#pools.occupantOf(address);
      if (occupant !== null && occupant !== wanted.clientUuid) {
        const holder = await repositories.clients.findByUuid(occupant);
        return fail({
          code: 'FIXED_ADDRESS_IN_USE',
          message: `${text} is in use, or was a moment ago, by ${holder?.slug ?? 'a client that was deleted'}`,
        });
      }
    }
    return ok(undefined);
  }
}

function addressOf(text: string | null | undefined): readonly IpAddress[] {
  if (text === null || text === undefined) return [];
  const address = parseAddress(text);
  return address.ok ? [address.value] : [];
}
