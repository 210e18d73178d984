import type { Family } from '../family.js';
import { canonicalPrefix } from '../prefix.js';
import { succeeded, type HostResult } from '../result.js';
import type { Commands } from './command.js';
import { IpLinks, IpRoutes, IpRules, addressesOf, readIp, routePrefix, tableNumber } from './ipJson.js';
import type { IpLink } from './ipJson.js';

/**
 * `protocol` of every route and rule of ours (rtnetlink's RTPROT, FRA_PROTOCOL): "m".
 * It tells our own from everybody else's, also after a crash.
 */
export const protocolMark = 109;

/** The part of the kernel's state that a plan can change. */
export interface KernelState {
  /** The plan's link; null when it does not exist or none was asked for. */
  readonly link: LinkState | null;
  /** Routes with our mark, any table. */
  readonly routes: readonly RouteState[];
  readonly rules: readonly RuleState[];
}

export interface LinkState {
  readonly index: number;
  readonly mtu: number;
  readonly up: boolean;
  /** The kernel has IPv6, if not on this link. */
  readonly hasIpv6: boolean;
  /** `none`, `eui64`, …; null without IPv6 on this link, for instance because its MTU is below 1280. */
  readonly addressGeneration: string | null;
  /** Canonical, with prefix length. */
  readonly addresses: readonly string[];
}

export interface RouteState {
  readonly family: Family;
  readonly type: string;
  /** Canonical. */
  readonly prefix: string;
  readonly table: number;
  readonly metric: number;
  readonly dev: string | null;
  readonly via: string | null;
}

export interface RuleState {
  readonly family: Family;
  readonly priority: number;
  readonly ours: boolean;
  readonly table: number;
  readonly fwmark: number | null;
  readonly not: boolean;
  readonly suppressPrefixLength: number | null;
}

/** What to look at; less is faster. */
export interface Interest {
  readonly linkName: string | null;
  readonly routesAndRules: boolean;
  readonly families: readonly Family[];
}

/** Reads the present state, all parts at once: each is a process. */
export async function readKernelState(
  commands: Commands,
  { linkName, routesAndRules, families }: Interest,
): Promise<HostResult<KernelState>> {
  const looked = routesAndRules ? families : [];
  const [link, routes, rules] = await Promise.all([
    linkName === null ? succeeded(null) : readLink(commands, linkName, families),
    Promise.all(looked.map((family) => readRoutes(commands, family))),
    Promise.all(looked.map((family) => readRules(commands, family))),
  ]);
  if (!link.ok) return link;
  const allRoutes = joined(routes);
  if (!allRoutes.ok) return allRoutes;
  const allRules = joined(rules);
  if (!allRules.ok) return allRules;
  return succeeded({ link: link.value, routes: allRoutes.value, rules: allRules.value });
}

/** One list of several; the first failure, if there is one. */
function joined<T>(parts: readonly HostResult<readonly T[]>[]): HostResult<readonly T[]> {
  const all: T[] = [];
  for (const part of parts) {
    if (!part.ok) return part;
    all.push(...part.value);
  }
  return succeeded(all);
}

async function readLink(
  commands: Commands,
  name: string,
  families: readonly Family[],
): Promise<HostResult<LinkState | null>> {
  // Asking for a missing interface by name is an error like any other; the list of all is unambiguous. Only the list of
  // links tells how IPv6 makes addresses, only the other one what they are.
  const [links, withAddresses] = await Promise.all([
    readIp(commands, ['-d', 'link', 'show'], IpLinks),
    readIp(commands, ['address', 'show'], IpLinks),
  ]);
  if (!links.ok) return links;
  if (!withAddresses.ok) return withAddresses;
  const link = links.value.find((candidate) => candidate.ifname === name);
  if (link === undefined) return succeeded(null);
  const addresses = withAddresses.value.find((candidate) => candidate.ifindex === link.ifindex);
  return succeeded(linkState(link, addresses ?? link, families.includes(6)));
}

function linkState(link: IpLink, withAddresses: IpLink, hasIpv6: boolean): LinkState {
  return {
    index: link.ifindex,
    mtu: link.mtu,
    up: link.flags.includes('UP'),
    hasIpv6,
    addressGeneration: link.inet6_addr_gen_mode,
    addresses: addressesOf(withAddresses).map((info) => canonicalPrefix(`${info.local}/${info.prefixlen}`)),
  };
}

async function readRoutes(commands: Commands, family: Family): Promise<HostResult<RouteState[]>> {
  const args = ['-N', '-d', `-${family}`, 'route', 'show', 'table', 'all', 'proto', String(protocolMark)];
  const routes = await readIp(commands, args, IpRoutes);
  if (!routes.ok) return routes;
  return succeeded(
    routes.value.map((route) => ({
      family,
      type: route.type,
      prefix: canonicalPrefix(routePrefix(route.dst, family)),
      table: tableNumber(route.table),
      metric: route.metric,
      // IPv6 shows routes without an interface as leading to lo.
      dev: route.type === 'unicast' ? route.dev : null,
      via: route.gateway,
    })),
  );
}

async function readRules(commands: Commands, family: Family): Promise<HostResult<RuleState[]>> {
  const rules = await readIp(commands, ['-N', '-d', `-${family}`, 'rule', 'show'], IpRules);
  if (!rules.ok) return rules;
  return succeeded(
    rules.value.map((rule) => ({
      family,
      priority: rule.priority,
      ours: rule.protocol === String(protocolMark),
      table: tableNumber(rule.table),
      fwmark: rule.fwmark === null ? null : Number(rule.fwmark),
      not: rule.not !== undefined,
      suppressPrefixLength: rule.suppress_prefixlen,
    })),
  );
}
