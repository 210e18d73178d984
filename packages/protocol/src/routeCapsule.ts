import { addressToBytes } from './address.js';
import { ByteReader, concatBytes } from './byteReader.js';
import { type Capsule, type CapsuleError, capsuleFault, CapsuleType } from './capsule.js';
import { DEFAULT_LIMITS, type SessionLimits } from './limits.js';
import { addressRange, intersectRanges } from './range.js';
import { ok, type Result } from './result.js';
import { normalizeRoutes, type Route, routeFamily } from './route.js';

/**
 * ROUTE_ADVERTISEMENT with these routes: the complete list, sorted and merged first, so that any input
 * makes a legal capsule (CIP-802, CIP-803, CIP-805). An empty list withdraws all routes.
 * Per range: IP version (1 byte), start and end (4 or 16 each), protocol (1).
 */
export function encodeRouteAdvertisement(routes: readonly Route[]): Capsule {
  const value = concatBytes(
    normalizeRoutes(routes).flatMap((route) => [
      Uint8Array.of(routeFamily(route)),
      addressToBytes(route.range.start),
      addressToBytes(route.range.end),
      Uint8Array.of(route.protocol),
    ]),
  );
  return { type: CapsuleType.routeAdvertisement, value };
}

/** Decodes the value of ROUTE_ADVERTISEMENT (CIP-604, CIP-801 … CIP-803); the list stays as sent. */
export function decodeRouteAdvertisement(
  value: Uint8Array,
  limits: SessionLimits = DEFAULT_LIMITS,
): Result<Route[], CapsuleError> {
  const reader = new ByteReader(value);
  const routes: Route[] = [];
  while (!reader.isAtEnd) {
    if (routes.length === limits.routeRanges) {
      return capsuleFault('CAPSULE_TOO_MANY_ROUTES', `more than ${limits.routeRanges} ranges`);
    }
    const route = decodeRange(reader, routes.length);
    if (!route.ok) return route;
    const previous = routes.at(-1);
    if (previous !== undefined && !mayFollow(previous, route.value)) {
      return capsuleFault(
        'CAPSULE_ROUTE_ORDER',
        `range ${routes.length} is out of order or overlaps the one before`,
      );
    }
    routes.push(route.value);
  }
  if (hasProtocolOverlap(routes)) {
    return capsuleFault(
      'CAPSULE_ROUTE_OVERLAP',
      'a range for all protocols overlaps one for a single protocol',
    );
  }
  return ok(routes);
}

function decodeRange(reader: ByteReader, index: number): Result<Route, CapsuleError> {
  const version = reader.readByte();
  if (version !== 4 && version !== 6)
    return capsuleFault('CAPSULE_IP_VERSION', `range ${index}: IP version ${version}`);
  const start = reader.readAddress(version);
  const end = start === null ? null : reader.readAddress(version);
  const protocol = end === null ? null : reader.readByte();
  if (start === null || end === null || protocol === null) {
    return capsuleFault('CAPSULE_TRUNCATED', `range ${index} is cut`);
  }
  const range = addressRange(start, end);
  if (!range.ok) return capsuleFault('CAPSULE_ROUTE_RANGE', `range ${index}: ${range.error.message}`);
  return ok({ range: range.value, protocol });
}

function mayFollow(before: Route, after: Route): boolean {
  if (routeFamily(before) !== routeFamily(after)) return routeFamily(before) < routeFamily(after);
  if (before.protocol !== after.protocol) return before.protocol < after.protocol;
  return before.range.end.value < after.range.start.value;
}

function hasProtocolOverlap(routes: readonly Route[]): boolean {
  const all = routes.filter((route) => route.protocol === 0).map((route) => route.range);
  const some = routes.filter((route) => route.protocol !== 0).map((route) => route.range);
  return intersectRanges(all, some).length > 0;
}
