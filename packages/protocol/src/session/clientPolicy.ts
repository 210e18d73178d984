import { type AddressClass, classifyAddress } from '../addressClass.js';
import type { IpFamily } from '../address.js';
import type { Prefix } from '../prefix.js';
import type { AddressRange } from '../range.js';
import { intersectRoutes, type Route, routeFamily, routesToPrefixes, subtractRoutes } from '../route.js';

/** What the client takes of what it is offered (CIP-716, CIP-808). */
export interface ClientPolicy {
  /** Advertised routes are cut down to these; null takes all. */
  readonly allow: readonly AddressRange[] | null;
  /** Kept out of the tunnel whatever is advertised. */
  readonly exclude: readonly AddressRange[];
  /** Assigned prefixes shorter than this are not installed. */
  readonly shortestPrefix: { readonly ipv4: number; readonly ipv6: number };
  /** Entries for the OS route table; more abort the session (CIP-806). */
  readonly maxPrefixes: number;
}

/** Takes every route, and addresses up to a /24 or a /48. */
export const DEFAULT_CLIENT_POLICY: ClientPolicy = {
  allow: null,
  exclude: [],
  shortestPrefix: { ipv4: 24, ipv6: 48 },
  maxPrefixes: 4096,
};

/** Why an assigned prefix is not installed: the kind of address it is, or its width. */
export type IgnoredReason = Exclude<AddressClass, 'private' | 'global'> | 'tooWide';

/** Null if the prefix may be installed (CIP-716). */
export function ignoredReason(prefix: Prefix, policy: ClientPolicy): IgnoredReason | null {
  const { address, length } = prefix;
  const shortest = address.family === 4 ? policy.shortestPrefix.ipv4 : policy.shortestPrefix.ipv6;
  if (length < shortest) return 'tooWide';
  const kind = classifyAddress(address);
  return kind === 'private' || kind === 'global' ? null : kind;
}

/** The advertised routes after policy. */
export function applyRoutePolicy(advertised: readonly Route[], policy: ClientPolicy): readonly Route[] {
  const allowed = policy.allow === null ? advertised : intersectRoutes(advertised, policy.allow);
  return policy.exclude.length === 0 ? allowed : subtractRoutes(allowed, policy.exclude);
}

/** Entries for the OS route table, families without an address left out; null if there are too many. */
export function routeTable(
  routes: readonly Route[],
  addresses: readonly Prefix[],
  policy: ClientPolicy,
): Prefix[] | null {
  const families = new Set<IpFamily>(addresses.map((prefix) => prefix.address.family));
  const usable = routes.filter((route) => families.has(routeFamily(route)));
  return routesToPrefixes(usable, policy.maxPrefixes);
}
