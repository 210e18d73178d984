import type { Forwarding, HostPlan, NftTable, RoutePlan, RulePlan, SysctlPlan } from '@masque-vpn/host';
import { mainTable, noForwarding } from '@masque-vpn/host';
import {
  addressBits,
  formatPrefix,
  hostPrefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  type IpFamily,
  type Prefix,
} from '@masque-vpn/protocol';

import { addressGuard } from './addressGuard.js';
import { behindSets, forwardChain, type SiteForwarding } from './siteForwarding.js';

/** The client's own nftables table. */
export const clientNftTable = 'masque_vpn_client';

/** What the tunnel is at this moment; prefixes are canonical text. */
export interface TunnelNetwork {
  /** Bytes of the largest inner packet (CIP-1202). */
  readonly mtu: number;
  /** Assigned prefixes that may be installed, newest ADDRESS_ASSIGN after policy (CIP-704, CIP-716). */
  readonly assigned: readonly string[];
  /** What to route into the tunnel, newest ROUTE_ADVERTISEMENT after policy (CIP-804, CIP-806, CIP-808). */
  readonly routes: readonly string[];
  /** Networks behind this machine that were offered to the server, disjoint prefixes (CIP-717). */
  readonly behind: readonly string[];
  /** Addresses of the QUIC server, all that may be tried: they stay outside the tunnel (CIP-809). */
  readonly serverAddresses: readonly string[];
}

/** What the host has of it. */
export interface AppliedNetwork {
  /** Addresses on the interface, with prefix length. */
  readonly addresses: readonly string[];
  /** Prefixes routed into the tunnel. */
  readonly routes: readonly string[];
  /** What of the tunnel could not be used and why, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * SO_MARK of the tunnel's own packets, which never go by the tunnel's routes (CIP-809), and number of the routing
 * table with these routes: "mq" in ASCII.
 */
export const clientMark = 0x6d71;
/** Specific routes of the host come first, then the tunnel's table, then the host's default route. */
const clientRulePriorities = { specific: 28_016, tunnel: 28_017 } as const;

/** Smallest MTU that IPv6 works with (RFC 8200 §5); the kernel takes its addresses away below. */
const leastIpv6Mtu = 1280;

/**
 * IPv4 destinations that belong to the link one is on, even where a default route into the tunnel covers them:
 * the tunnel would drop them (CIP-1012, CIP-1014), the local network answers them. IPv6 has these in table `local`.
 */
const onLink = ['169.254.0.0/16', '224.0.0.0/4', '255.255.255.255/32'].map(prefixOf);

/** The interface that gets the tunnel. */
export interface TunnelInterface {
  readonly name: string;
  /** The kernel has IPv6. */
  readonly ipv6: boolean;
}

/**
 * What the host should be for a tunnel, and what of the tunnel that is; `forwarding` is what it takes to forward for
 * the networks behind it. Throws on text that is no prefix (a bug).
 */
export function tunnelPlan(
  { name, ipv6 }: TunnelInterface,
  tunnel: TunnelNetwork,
  forwarding: Forwarding = noForwarding,
): { readonly plan: HostPlan; readonly applied: AppliedNetwork } {
  const warnings: string[] = [];
  const assigned = tunnel.assigned.map(prefixOf).filter((prefix) => {
    if (prefix.address.family === 4 || (ipv6 && tunnel.mtu >= leastIpv6Mtu)) return true;
    const reason = ipv6
      ? `needs an MTU of ${leastIpv6Mtu}; the path has ${tunnel.mtu}`
      : 'is not used: this kernel has no IPv6';
    warnings.push(`${formatPrefix(prefix)} ${reason}`);
    return false;
  });
  const addresses = assigned.map(interfaceAddress);
  const families = new Set(addresses.map((prefix) => prefix.address.family));
  const routes = tunnel.routes.map(prefixOf).filter((prefix) => families.has(prefix.address.family));
  // Where a route leads to one of these exactly, the same prefix cannot be thrown as well.
  const outside = [...onLink, ...tunnel.serverAddresses.map(prefixOf)].filter((hole) =>
    routes.some((route) => prefixesOverlap(route, hole)),
  );
  const inside = routes.filter((route) => !outside.some((hole) => covers(hole, route)));

  const plan: HostPlan = {
    link: { name, mtu: tunnel.mtu, addresses: addresses.map(formatPrefix) },
    routes: [
      ...uniquePrefixes(outside).map((prefix): RoutePlan => ({ type: 'throw', table: clientMark, prefix })),
      ...uniquePrefixes(inside).map((prefix): RoutePlan => ({
        type: 'unicast',
        table: clientMark,
        prefix,
        dev: name,
      })),
    ],
    rules: [...new Set(inside.map((prefix) => prefix.address.family))].toSorted().flatMap(rulesOf),
    nft: addresses.length === 0 ? null : filters(name, addresses, { behind: tunnel.behind, forwarding }),
    sysctls: [
      ...(families.has(6) ? ipv6Parameters(name) : []),
      ...forwarding.sysctls.filter(({ key }) => !ipv6Keys(name).includes(key)),
    ],
  };
  const applied = {
    addresses: addresses.map(formatPrefix),
    routes: uniquePrefixes(inside),
    warnings,
  };
  return { plan, applied };
}

/** The client's filters: nobody else reaches the tunnel's addresses, and nothing but what was offered is forwarded. */
function filters(name: string, addresses: readonly Prefix[], site: SiteForwarding): NftTable {
  const guard = addressGuard(name, addresses.map(formatPrefix));
  if (site.behind.length === 0) return { name: clientNftTable, sets: guard.sets, chains: [guard.chain] };
  const families = [...new Set(addresses.map(({ address }) => address.family))].toSorted();
  return {
    name: clientNftTable,
    sets: [...guard.sets, ...behindSets(site.behind, families)],
    chains: [guard.chain, forwardChain(name, site, families)],
  };
}

/** IPv6 on this interface even on hosts that switch it off elsewhere, and deaf to router advertisements (CIP-1017). */
function ipv6Parameters(name: string): SysctlPlan[] {
  const [disable, acceptRa] = ipv6Keys(name);
  return [
    { key: disable, value: '0', optional: true },
    { key: acceptRa, value: '0', optional: true, mayBeRefused: true },
  ];
}

function ipv6Keys(name: string): readonly [disable: string, acceptRa: string] {
  const folder = `net/ipv6/conf/${name}`;
  return [`${folder}/disable_ipv6`, `${folder}/accept_ra`];
}

/** The address of an assigned prefix that the interface gets: of a wider one the first that is no network address. */
function interfaceAddress({ address, length }: Prefix): Prefix {
  const isWide = length < addressBits(address.family) - 1;
  return hostPrefix({ family: address.family, value: address.value + (isWide ? 1n : 0n) });
}

/**
 * The lookup of every packet: the host's own routes but the default one, so that the local network stays reachable;
 * then, unless it is a packet of the tunnel itself, the tunnel's table; then everything else as before.
 * A `throw` route in the tunnel's table ends the second step for the server's address: strict reverse path
 * filtering then accepts its answers too, which carry no mark, and no kernel parameter need change.
 */
function rulesOf(family: IpFamily): RulePlan[] {
  return [
    { family, priority: clientRulePriorities.specific, table: mainTable, suppressPrefixLength: 0 },
    {
      family,
      priority: clientRulePriorities.tunnel,
      table: clientMark,
      fwmark: { match: 'not', mark: clientMark },
    },
  ];
}

function covers(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && prefixContains(outer, inner.address);
}

function uniquePrefixes(prefixes: readonly Prefix[]): string[] {
  return [...new Set(prefixes.map(formatPrefix))];
}

function prefixOf(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new RangeError(`${text}: ${parsed.error.message}`);
  return parsed.value;
}
