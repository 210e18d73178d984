import type { HostFacts } from '@masque-vpn/host';
import { formatPrefix, parsePrefix, prefixContains, type Prefix } from '@masque-vpn/protocol';

/**
 * Whether a pool would cut the host off from a network it reaches by another interface: that network lies in the
 * pool, or the pool lies in a network that is directly connected. Null when it does not; else a sentence.
 */
export function poolConflict(pools: readonly string[], facts: HostFacts, tunName: string): string | null {
  for (const pool of prefixes(pools)) {
    for (const route of facts.routes) {
      if (route.interface === tunName) continue;
      const [network] = prefixes([route.prefix]);
      if (network === undefined || network.length === 0) continue;
      const isInPool = pool.length <= network.length && prefixContains(pool, network.address);
      const isAround = network.length < pool.length && prefixContains(network, pool.address);
      if (!isInPool && !(isAround && route.gateway === null && route.interface !== null)) continue;
      const where = route.interface === null ? 'already routes' : `reaches by ${route.interface}`;
      return `the pool ${formatPrefix(pool)} overlaps ${route.prefix}, which this host ${where}; choose another [pool] prefix`;
    }
  }
  return null;
}

function prefixes(texts: readonly string[]): Prefix[] {
  return texts.flatMap((text) => {
    const parsed = parsePrefix(text);
    return parsed.ok ? [parsed.value] : [];
  });
}
