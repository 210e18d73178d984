import { mainTable, type Family, type Forwarding, type HostPlan } from '@masque-vpn/host';
import { formatPrefix, parsePrefix } from '@masque-vpn/protocol';

import { serverFirewall } from './firewall.js';
import { disjoint, noReach, type HostReach } from './reach.js';
import type { ServerNetworkSettings } from './settings.js';

/** One family the tunnel uses: it has pools, a gateway address and a kernel that speaks it. */
export interface PoolFamily {
  readonly family: Family;
  /** The gateway's pool first. */
  readonly pools: readonly string[];
  readonly gateway: string;
}

/** The families of the settings; `ipv6` says whether the kernel has it. */
export function poolFamilies(settings: ServerNetworkSettings, ipv6: boolean): PoolFamily[] {
  const { ipv4: gateway4, ipv6: gateway6 } = settings.gateways;
  const pools = (family: Family): string[] =>
    settings.pools.filter((pool) => pool.includes(':') === (family === 6));
  return [
    ...(gateway4 === null ? [] : [{ family: 4 as const, pools: pools(4), gateway: gateway4 }]),
    ...(gateway6 === null || !ipv6 ? [] : [{ family: 6 as const, pools: pools(6), gateway: gateway6 }]),
  ];
}

/** Everything the server wants of its host. */
export function serverPlan(
  settings: ServerNetworkSettings,
  families: readonly PoolFamily[],
  forwarding: Forwarding,
  reach: HostReach = noReach,
): HostPlan {
  const { tun, nat, hostAccess } = settings;
  return {
    link: { name: tun.name, mtu: tun.mtu, addresses: families.map(gatewayAddress) },
    // The first pool is connected by the gateway's prefix length, the others need to be told.
    routes: families
      .flatMap(({ family, pools }) => [...pools.slice(1), ...disjoint(reach.behind, family)])
      .map((prefix) => ({ type: 'unicast' as const, table: mainTable, prefix, dev: tun.name })),
    rules: [],
    nft: serverFirewall({ tunName: tun.name, families, nat, hostAccess, reach, opened: forwarding.opened }),
    sysctls: forwarding.sysctls,
  };
}

/** The gateway with its pool's length. */
function gatewayAddress({ pools, gateway }: PoolFamily): string {
  const [first] = pools;
  const parsed = first === undefined ? null : parsePrefix(first);
  const length = parsed?.ok === true ? formatPrefix(parsed.value).split('/')[1] : undefined;
  return length === undefined ? gateway : `${gateway}/${length}`;
}
