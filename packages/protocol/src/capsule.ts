/** A capsule (RFC 9297 §3.2); the same shape as the engine's. */
export interface Capsule {
  /** A 62-bit varint. */
  readonly type: bigint;
  readonly value: Uint8Array;
}

/** Capsule types of RFC 9297 §5.4 and RFC 9484 §12.4. */
export const CapsuleType = {
  datagram: 0x00n,
  addressAssign: 0x01n,
  addressRequest: 0x02n,
  routeAdvertisement: 0x03n,
} as const;

export const CAPSULE_ERROR_CODES = [
  'CAPSULE_TRUNCATED',
  'CAPSULE_IP_VERSION',
  'CAPSULE_PREFIX_LENGTH',
  'CAPSULE_HOST_BITS',
  'CAPSULE_REQUEST_EMPTY',
  'CAPSULE_REQUEST_ID_ZERO',
  'CAPSULE_REQUEST_ID_REUSED',
  'CAPSULE_ROUTE_RANGE',
  'CAPSULE_ROUTE_ORDER',
  'CAPSULE_ROUTE_OVERLAP',
  'CAPSULE_TOO_LARGE',
  'CAPSULE_TOO_MANY_ADDRESSES',
  'CAPSULE_TOO_MANY_ROUTES',
  'CAPSULE_TOO_MANY_REQUESTS',
] as const;

/** What is wrong with a capsule; the list is `CAPSULE_ERROR_CODES`. */
export type CapsuleErrorCode = (typeof CAPSULE_ERROR_CODES)[number];

/** A capsule that must abort its stream. */
export interface CapsuleError {
  readonly code: CapsuleErrorCode;
  /** Id of the broken rule in the conformance checklist, `CIP-703`. */
  readonly rule: string;
  /** HTTP/3 error code to reset the stream with: 0x10e malformed, 0x107 over a limit. */
  readonly httpErrorCode: number;
  /** For people; says which entry. */
  readonly message: string;
}
