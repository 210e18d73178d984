import type { NftChain, NftMatch, NftSet } from '@masque-vpn/host';

/**
 * Drops packets for a tunnel address that come in by another interface: without it, neighbours on the local network
 * can find out the address and what connections it has (CVE-2019-14899), because Linux answers for every address
 * on every interface. Packets of this host to itself pass.
 */
export function addressGuard(
  interfaceName: string,
  addresses: readonly string[],
): { readonly sets: readonly NftSet[]; readonly chain: NftChain } {
  const ofFamily = {
    4: addresses.filter((address) => !address.includes(':')),
    6: addresses.filter((address) => address.includes(':')),
  };
  const families = ([4, 6] as const).filter((family) => ofFamily[family].length > 0);
  const fromElsewhere: NftMatch = { on: 'inInterface', op: 'not', names: [interfaceName] };
  const fromOthers: NftMatch = { on: 'sourceIsLocal', op: 'not' };
  return {
    sets: families.map((family) => ({ name: `tunnel${family}`, family, prefixes: ofFamily[family] })),
    chain: {
      name: 'prerouting',
      type: 'filter',
      hook: 'prerouting',
      priority: -300,
      rules: families.map((family) => ({
        match: [fromElsewhere, { on: 'destination', family, op: 'is', set: `tunnel${family}` }, fromOthers],
        verdict: 'drop',
        comment: 'tunnel address reached by another interface',
      })),
    },
  };
}
