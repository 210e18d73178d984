import type { AddressFact, DefaultRoute, HostFacts, InterfaceFact, RouteFact } from '../host.js';
import type { Family } from '../family.js';
import { canonicalPrefix } from '../prefix.js';
import { succeeded, type HostResult } from '../result.js';
import type { Commands } from './command.js';
import { IpLinks, IpRoutes, addressesOf, readIp, routePrefix, type IpLink, type IpRoute } from './ipJson.js';

/** Reads interfaces, addresses and the main table. */
export async function readFacts(
  commands: Commands,
  families: readonly Family[],
): Promise<HostResult<HostFacts>> {
  const links = await readIp(commands, ['-d', 'address', 'show'], IpLinks);
  if (!links.ok) return links;
  const interfaces = links.value.map(interfaceFact);
  const routes: RouteFact[] = [];
  const defaultRoutes: DefaultRoute[] = [];
  for (const family of families) {
    const args = ['-d', `-${family}`, 'route', 'show', 'table', 'main'];
    const found = await readIp(commands, args, IpRoutes);
    if (!found.ok) return found;
    routes.push(...found.value.map((route) => routeFact(route, family)));
    const defaultRoute = lowestDefault(found.value, family, interfaces);
    if (defaultRoute !== null) defaultRoutes.push(defaultRoute);
  }
  return succeeded({ interfaces, routes, defaultRoutes });
}

function interfaceFact(link: IpLink): InterfaceFact {
  return {
    name: link.ifname,
    index: link.ifindex,
    up: link.flags.includes('UP'),
    loopback: link.flags.includes('LOOPBACK'),
    mtu: link.mtu,
    addresses: addressesOf(link).map((info): AddressFact => {
      const scope = info.scope === 'link' || info.scope === 'host' ? info.scope : 'global';
      return {
        family: info.family === 'inet' ? 4 : 6,
        address: info.local,
        prefixLength: info.prefixlen,
        scope,
        dynamic: info.dynamic,
      };
    }),
  };
}

function routeFact(route: IpRoute, family: Family): RouteFact {
  return {
    family,
    prefix: canonicalPrefix(routePrefix(route.dst, family)),
    interface: route.type === 'unicast' ? route.dev : null,
    gateway: route.gateway,
    metric: route.metric,
    protocol: route.protocol,
  };
}

function lowestDefault(
  routes: readonly IpRoute[],
  family: Family,
  interfaces: readonly InterfaceFact[],
): DefaultRoute | null {
  const [best] = routes
    .filter((route) => route.dst === 'default' && route.type === 'unicast' && route.dev !== null)
    .toSorted((one, other) => one.metric - other.metric);
  if (best === undefined || best.dev === null) return null;
  const addresses = interfaces.find(({ name }) => name === best.dev)?.addresses ?? [];
  const usable = addresses.find((fact) => fact.family === family && fact.scope === 'global');
  return {
    family,
    interface: best.dev,
    gateway: best.gateway,
    source: best.prefsrc ?? usable?.address ?? null,
    fromRouterAdvertisement: best.protocol === 'ra',
  };
}
