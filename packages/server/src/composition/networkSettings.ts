import { join } from 'node:path';
import { formatAddress, formatPrefix } from '@masque-vpn/protocol';
import type { Pools } from '../addressing/pools.js';
import type { ServerConfig } from '../config/config.js';
import type { ServerNetworkSettings } from '../network/network.js';

/** What the configuration wants of the host. */
export function networkSettings(config: ServerConfig, pools: Pick<Pools, 'gateway'>): ServerNetworkSettings {
  const gateway = (family: 4 | 6): string | null => {
    const address = pools.gateway(family);
    return address === null ? null : formatAddress(address);
  };
  const { name, mtu, offload } = config.tunnel;
  return {
    tun: { name, mtu, offload },
    pools: [...config.pool.ipv4, ...config.pool.ipv6].map(formatPrefix),
    gateways: { ipv4: gateway(4), ipv6: gateway(6) },
    ...config.network,
    journalPath: join(config.server.stateDir, 'host-journal.json'),
  };
}
