import { z } from 'zod';
import { LeaseModel, PoolsModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import { table } from '../output/table.js';
import { instant } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** Flags of `admin pool leases`. */
export interface LeaseFlags {
  readonly client?: string;
  readonly state?: string;
}

/** `masque-vpn admin pool list` */
export async function listPools({ api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', apiPath('pools'), PoolsModel);
  if (!answer.ok) return answer;
  print(answer.value, ({ ipv4, ipv6 }) =>
    table(
      ['pool', 'addresses', 'leased', 'quarantined'],
      [...ipv4.pools, ...ipv6.pools].map(({ prefix, total, leased, quarantined }) => [
        prefix,
        total > Number.MAX_SAFE_INTEGER ? 'plenty' : String(total),
        String(leased),
        String(quarantined),
      ]),
    ),
  );
  return done;
}

/** `masque-vpn admin pool leases` */
export async function listLeases(flags: LeaseFlags, { api, print }: AdminTools): Promise<CommandResult> {
  const { client, state } = flags;
  const answer = await api.list(apiPath('leases'), LeaseModel, { client, state });
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0
      ? 'There is no such lease.\n'
      : table(
          ['address', 'client', 'state', 'last used', 'quarantined until'],
          items.map((lease) => [
            lease.address,
            lease.clientId ?? '-',
            lease.state,
            instant(lease.lastUsedAtMs),
            lease.quarantinedUntilMs === null ? '-' : instant(lease.quarantinedUntilMs),
          ]),
        ),
  );
  return done;
}

/** `masque-vpn admin pool release ADDRESS` */
export async function releaseAddress(address: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('DELETE', apiPath('leases', address, 'quarantine'), z.null());
  if (!answer.ok) return answer;
  print({ released: address }, () => `${address} is out of quarantine: any client may get it.\n`);
  return done;
}
