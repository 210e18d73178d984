import { prefixContains, type Prefix } from '@masque-vpn/protocol';
import { usableRange } from '../config/poolPrefix.js';
import type { Pools } from './pools.js';

/** What is used of one configured prefix. */
export interface PoolUsage {
  readonly prefix: Prefix;
  /** Addresses that clients can have; beyond 2^53 rounded. */
  readonly total: number;
  readonly leased: number;
  readonly quarantined: number;
}

/** Of each prefix, in the configured order. */
export function poolUsage(pools: Pick<Pools, 'prefixes' | 'holdings' | 'gateway'>): readonly PoolUsage[] {
  const usages = pools.prefixes.map((prefix) => {
    const { start, end } = usableRange(prefix);
    const gateway = pools.gateway(start.family);
    const own = gateway !== null && prefixContains(prefix, gateway) ? 1n : 0n;
    return { prefix, total: Number(end.value - start.value + 1n - own), leased: 0, quarantined: 0 };
  });
  for (const { address, tenure } of pools.holdings()) {
    if (tenure.state === 'free') continue;
    const usage = usages.find(({ prefix }) => prefixContains(prefix, address));
    if (usage !== undefined) usage[tenure.state] += 1;
  }
  return usages;
}
