import type { Capsule, CapsuleError } from './capsule.js';
import type { SessionLimits } from './limits.js';
import type { Prefix } from './prefix.js';
import type { Result } from './result.js';

/** An entry of ADDRESS_ASSIGN (RFC 9484 §4.7.1). */
export interface AssignedAddress {
  /** The request it answers; 0 if unprompted. */
  readonly requestId: bigint;
  readonly prefix: Prefix;
}

/** An entry of ADDRESS_REQUEST (RFC 9484 §4.7.2). */
export interface RequestedAddress {
  /** Never 0, never used twice by one sender on one stream. */
  readonly requestId: bigint;
  /** All-zero address: no preference; the length says the wanted size (CIP-711). */
  readonly prefix: Prefix;
}

export declare function encodeAddressAssign(addresses: readonly AssignedAddress[]): Capsule;
export declare function encodeAddressRequest(requests: readonly RequestedAddress[]): Capsule;
export declare function decodeAddressAssign(
  value: Uint8Array,
  limits?: SessionLimits,
): Result<AssignedAddress[], CapsuleError>;
export declare function decodeAddressRequest(
  value: Uint8Array,
  limits?: SessionLimits,
): Result<RequestedAddress[], CapsuleError>;
export declare function isRefusal(prefix: Prefix): boolean;
