import { HttpError } from './httpError.js';
import { fail } from './result.js';

/** A capsule (RFC 9297 §3.2); the same shape as the engine's. */
export interface Capsule {
  /** A 62-bit varint. */
  readonly type: bigint;
  readonly value: Uint8Array;
}

/** Capsule types of RFC 9297 §5.4, RFC 9484 §12.4 and draft-ietf-masque-connect-ip-dns-06 §6 (provisional). */
export const CapsuleType = {
  datagram: 0x00n,
  addressAssign: 0x01n,
  addressRequest: 0x02n,
  routeAdvertisement: 0x03n,
  dnsAssign: 0x1ace_79ecn,
} as const;

/** Each way a capsule can abort its stream, with the rule of the conformance checklist it breaks. */
const CAPSULE_FAULTS = {
  CAPSULE_TRUNCATED: { rule: 'CIP-604', httpErrorCode: HttpError.messageError },
  CAPSULE_STREAM_CUT: { rule: 'CIP-605', httpErrorCode: HttpError.messageError },
  CAPSULE_IP_VERSION: { rule: 'CIP-701', httpErrorCode: HttpError.messageError },
  CAPSULE_PREFIX_LENGTH: { rule: 'CIP-702', httpErrorCode: HttpError.messageError },
  CAPSULE_HOST_BITS: { rule: 'CIP-703', httpErrorCode: HttpError.messageError },
  CAPSULE_REQUEST_EMPTY: { rule: 'CIP-709', httpErrorCode: HttpError.messageError },
  CAPSULE_REQUEST_ID_ZERO: { rule: 'CIP-710', httpErrorCode: HttpError.messageError },
  CAPSULE_REQUEST_ID_REUSED: { rule: 'CIP-710', httpErrorCode: HttpError.messageError },
  CAPSULE_ROUTE_RANGE: { rule: 'CIP-801', httpErrorCode: HttpError.messageError },
  CAPSULE_ROUTE_ORDER: { rule: 'CIP-802', httpErrorCode: HttpError.messageError },
  CAPSULE_ROUTE_OVERLAP: { rule: 'CIP-803', httpErrorCode: HttpError.messageError },
  CAPSULE_DNS_NAMESERVER: { rule: 'CIP-1701', httpErrorCode: HttpError.messageError },
  CAPSULE_DNS_NAME: { rule: 'CIP-1701', httpErrorCode: HttpError.messageError },
  CAPSULE_TOO_LARGE: { rule: 'CIP-608', httpErrorCode: HttpError.excessiveLoad },
  CAPSULE_TOO_MANY_ADDRESSES: { rule: 'CIP-1604', httpErrorCode: HttpError.excessiveLoad },
  CAPSULE_TOO_MANY_ROUTES: { rule: 'CIP-1604', httpErrorCode: HttpError.excessiveLoad },
  CAPSULE_TOO_MUCH_DNS: { rule: 'CIP-1604', httpErrorCode: HttpError.excessiveLoad },
  CAPSULE_TOO_MANY_REQUESTS: { rule: 'CIP-710', httpErrorCode: HttpError.excessiveLoad },
} as const;

/** What is wrong with a capsule. */
export type CapsuleErrorCode = keyof typeof CAPSULE_FAULTS;

/** All of `CapsuleErrorCode`. */
export const CAPSULE_ERROR_CODES = Object.keys(CAPSULE_FAULTS) as readonly CapsuleErrorCode[];

/** A capsule that must abort its stream (CAPERR of the checklist, or a limit). */
export interface CapsuleError {
  readonly code: CapsuleErrorCode;
  /** Id of the broken rule in the conformance checklist, `CIP-703`. */
  readonly rule: string;
  /** HTTP/3 error code to reset the stream with: 0x10e malformed, 0x107 over a limit. */
  readonly httpErrorCode: number;
  /** For people; says which entry. */
  readonly message: string;
}

/** A capsule error; rule and HTTP/3 code follow from `code`. */
export function capsuleError(code: CapsuleErrorCode, message: string): CapsuleError {
  return { code, ...CAPSULE_FAULTS[code], message };
}

/** A failed result with a capsule error. */
export function capsuleFault(
  code: CapsuleErrorCode,
  message: string,
): { readonly ok: false; readonly error: CapsuleError } {
  return fail(capsuleError(code, message));
}
