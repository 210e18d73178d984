import {
  type AssignedAddress,
  decodeAddressAssign,
  decodeAddressRequest,
  type RequestedAddress,
} from './addressCapsule.js';
import { type Capsule, type CapsuleError, CapsuleType } from './capsule.js';
import type { DnsConfiguration } from './dns.js';
import { decodeDnsAssign } from './dnsCapsule.js';
import { DEFAULT_LIMITS, type SessionLimits } from './limits.js';
import { ok, type Result } from './result.js';
import type { Route } from './route.js';
import { decodeRouteAdvertisement } from './routeCapsule.js';

/** The decoded content of a capsule that steers a tunnel. */
export type ControlCapsule =
  | { readonly kind: 'addressAssign'; readonly addresses: readonly AssignedAddress[] }
  | { readonly kind: 'addressRequest'; readonly requests: readonly RequestedAddress[] }
  | { readonly kind: 'routeAdvertisement'; readonly routes: readonly Route[] }
  | { readonly kind: 'dnsAssign'; readonly configurations: readonly DnsConfiguration[] }
  /** DATAGRAM or a type we do not know: to be skipped (CIP-602). */
  | { readonly kind: 'other' };

/** Decodes a capsule by its type. */
export function decodeControlCapsule(
  capsule: Capsule,
  limits: SessionLimits = DEFAULT_LIMITS,
): Result<ControlCapsule, CapsuleError> {
  switch (capsule.type) {
    case CapsuleType.addressAssign: {
      const addresses = decodeAddressAssign(capsule.value, limits);
      return addresses.ok ? ok({ kind: 'addressAssign', addresses: addresses.value }) : addresses;
    }
    case CapsuleType.addressRequest: {
      const requests = decodeAddressRequest(capsule.value, limits);
      return requests.ok ? ok({ kind: 'addressRequest', requests: requests.value }) : requests;
    }
    case CapsuleType.routeAdvertisement: {
      const routes = decodeRouteAdvertisement(capsule.value, limits);
      return routes.ok ? ok({ kind: 'routeAdvertisement', routes: routes.value }) : routes;
    }
    case CapsuleType.dnsAssign: {
      const configurations = decodeDnsAssign(capsule.value, limits);
      return configurations.ok
        ? ok({ kind: 'dnsAssign', configurations: configurations.value })
        : configurations;
    }
    default:
      return ok({ kind: 'other' });
  }
}
