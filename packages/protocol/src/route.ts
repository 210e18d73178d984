import { formatAddress, type IpFamily } from './address.js';
import {
  type AddressRange,
  intersectRanges,
  mergeRanges,
  rangesEqual,
  rangeToPrefixes,
  subtractRanges,
} from './range.js';
import type { Prefix } from './prefix.js';

/** One IP Address Range of ROUTE_ADVERTISEMENT (RFC 9484 §4.7.3). */
export interface Route {
  readonly range: AddressRange;
  /** IP protocol number 0–255; 0 is all protocols (CIP-902). */
  readonly protocol: number;
}

/** A route as the engine takes it. */
export interface FormattedRoute {
  readonly start: string;
  readonly end: string;
  readonly protocol: number;
}

/**
 * The same set of permitted packets as a legal ROUTE_ADVERTISEMENT list (CIP-802, CIP-803, CIP-805):
 * sorted by family, protocol and address, merged, and without what an all-protocols range covers anyway.
 */
export function normalizeRoutes(routes: readonly Route[]): readonly Route[] {
  const legal: Route[] = [];
  for (const family of [4, 6] as const) {
    const ofFamily = routes.filter((route) => route.range.start.family === family);
    const everything = mergeRanges(rangesOf(ofFamily, 0));
    for (const protocol of new Set(ofFamily.map((route) => route.protocol).toSorted((a, b) => a - b))) {
      const ranges = protocol === 0 ? everything : subtractRanges(rangesOf(ofFamily, protocol), everything);
      for (const range of ranges) legal.push({ range, protocol });
    }
  }
  // Many sessions have the routes that all are offered: one list for them.
  return routesEqual(legal, routes) ? routes : legal;
}

/** Routes reduced to these addresses, protocols kept; normalised. */
export function intersectRoutes(routes: readonly Route[], ranges: readonly AddressRange[]): readonly Route[] {
  return mapByProtocol(routes, (own) => intersectRanges(own, ranges));
}

/** Routes without these addresses, protocols kept; normalised. */
export function subtractRoutes(routes: readonly Route[], ranges: readonly AddressRange[]): readonly Route[] {
  return mapByProtocol(routes, (own) => subtractRanges(own, ranges));
}

/**
 * The destinations of routes as the fewest prefixes, whatever their protocol: what an OS route table can say.
 * Null if there would be more than `most` (CIP-806).
 */
export function routesToPrefixes(routes: readonly Route[], most = Infinity): Prefix[] | null {
  const prefixes: Prefix[] = [];
  for (const range of mergeRanges(routes.map((route) => route.range))) {
    prefixes.push(...rangeToPrefixes(range));
    if (prefixes.length > most) return null;
  }
  return prefixes;
}

/** Whether two lists are the same, in the same order. */
export function routesEqual(a: readonly Route[], b: readonly Route[]): boolean {
  return a.length === b.length && a.every((route, index) => isSameRoute(route, b[index] ?? null));
}

/** The family a route belongs to. */
export function routeFamily(route: Route): IpFamily {
  return route.range.start.family;
}

/** Texts and a number, for the engine and for people. */
export function formatRoute(route: Route): FormattedRoute {
  return {
    start: formatAddress(route.range.start),
    end: formatAddress(route.range.end),
    protocol: route.protocol,
  };
}

function isSameRoute(a: Route, b: Route | null): boolean {
  return a.protocol === b?.protocol && rangesEqual(a.range, b.range);
}

function rangesOf(routes: readonly Route[], protocol: number): AddressRange[] {
  return routes.filter((route) => route.protocol === protocol).map((route) => route.range);
}

function mapByProtocol(
  routes: readonly Route[],
  change: (ranges: AddressRange[]) => AddressRange[],
): readonly Route[] {
  const protocols = new Set(routes.map((route) => route.protocol));
  return normalizeRoutes(
    [...protocols].flatMap((protocol) =>
      change(rangesOf(routes, protocol)).map((range): Route => ({ range, protocol })),
    ),
  );
}
