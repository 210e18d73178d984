import type { Family } from '../family.js';
import { canonicalPrefix } from '../prefix.js';
import { failed, succeeded, type HostResult } from '../result.js';
import type { Commands } from './command.js';
import { IpLinks, IpRoutes, IpRules, addressesOf, readIpBatch, routePrefix, tableNumber } from './ipJson.js';
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

/** Reads the present state with one process for each family, which run at once. */
export async function readKernelState(
  commands: Commands,
  { linkName, routesAndRules, families }: Interest,
): Promise<HostResult<KernelState>> {
  const addresses = linkName === null ? [] : ['address show'];
  // Asking for a missing interface by name is an error like any other; the list of all is unambiguous. Only the list of
  // links tells how IPv6 makes addresses, only the other one what they are.
  const links = linkName === null ? [] : ['link show', ...addresses];
  const others = routesAndRules ? [`route show table all proto ${String(protocolMark)}`, 'rule show'] : [];
  // Without a family both families' addresses are listed, but only IPv4's rules.
  const looks: readonly Look[] = routesAndRules
    ? families.map((family, index) => ({ family, lines: [...(index === 0 ? links : addresses), ...others] }))
    : [{ family: null, lines: links }];
  const found = await Promise.all(looks.map((look) => lookWith(commands, look)));
  const parts: Listed[] = [];
  for (const part of found) {
    if (!part.ok) return part;
    parts.push(part.value);
  }
  const listedLinks = parts.flatMap((part) => part.links);
  const link = listedLinks.find(({ ifname }) => ifname === linkName);
  const own = parts.flatMap((part) => part.addresses).filter(({ ifindex }) => ifindex === link?.ifindex);
  return succeeded({
    link: link === undefined ? null : linkState(link, own, families.includes(6)),
    routes: parts.flatMap((part) => part.routes),
    rules: parts.flatMap((part) => part.rules),
  });
}

/** What one process of `ip` is asked. */
interface Look {
  readonly family: Family | null;
  readonly lines: readonly string[];
}

/** What it said. */
interface Listed {
  readonly links: readonly IpLink[];
  /** Links once more, with their addresses of the family. */
  readonly addresses: readonly IpLink[];
  readonly routes: readonly RouteState[];
  readonly rules: readonly RuleState[];
}

async function lookWith(commands: Commands, { family, lines }: Look): Promise<HostResult<Listed>> {
  if (lines.length === 0) return succeeded({ links: [], addresses: [], routes: [], rules: [] });
  const options = ['-N', '-d', ...(family === null ? [] : [`-${family}`])];
  const listed = await readIpBatch(commands, options, lines);
  if (!listed.ok) return listed;
  const isLink = (entry: object): boolean => 'ifindex' in entry;
  const hasAddresses = (entry: object): boolean => 'addr_info' in entry;
  try {
    return succeeded({
      links: IpLinks.parse(listed.value.filter((entry) => isLink(entry) && !hasAddresses(entry))),
      addresses: IpLinks.parse(listed.value.filter(hasAddresses)),
      routes:
        family === null
          ? []
          : routeStates(
              listed.value.filter((entry) => 'dst' in entry),
              family,
            ),
      rules:
        family === null
          ? []
          : ruleStates(
              listed.value.filter((entry) => 'priority' in entry),
              family,
            ),
    });
  } catch {
    return failed('HOST_COMMAND_FAILED', `ip -j ${options.join(' ')} -batch -: not what we know`);
  }
}

function linkState(link: IpLink, withAddresses: readonly IpLink[], hasIpv6: boolean): LinkState {
  return {
    index: link.ifindex,
    mtu: link.mtu,
    up: link.flags.includes('UP'),
    hasIpv6,
    addressGeneration: link.inet6_addr_gen_mode,
    addresses: withAddresses
      .flatMap(addressesOf)
      .map((info) => canonicalPrefix(`${info.local}/${info.prefixlen}`)),
  };
}

/** Throws on what is no route. */
function routeStates(listed: readonly object[], family: Family): RouteState[] {
  return IpRoutes.parse(listed).map((route) => ({
    family,
    type: route.type,
    prefix: canonicalPrefix(routePrefix(route.dst, family)),
    table: tableNumber(route.table),
    metric: route.metric,
    // IPv6 shows routes without an interface as leading to lo.
    dev: route.type === 'unicast' ? route.dev : null,
    via: route.gateway,
  }));
}

/** Throws on what is no rule. */
function ruleStates(listed: readonly object[], family: Family): RuleState[] {
  return IpRules.parse(listed).map((rule) => ({
    family,
    priority: rule.priority,
    ours: rule.protocol === String(protocolMark),
    table: tableNumber(rule.table),
    fwmark: rule.fwmark === null ? null : Number(rule.fwmark),
    not: rule.not !== undefined,
    suppressPrefixLength: rule.suppress_prefixlen,
  }));
}
