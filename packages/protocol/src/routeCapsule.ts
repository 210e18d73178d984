import type { Capsule, CapsuleError } from './capsule.js';
import type { SessionLimits } from './limits.js';
import type { Result } from './result.js';
import type { Route } from './route.js';

export declare function encodeRouteAdvertisement(routes: readonly Route[]): Capsule;
export declare function decodeRouteAdvertisement(
  value: Uint8Array,
  limits?: SessionLimits,
): Result<Route[], CapsuleError>;
