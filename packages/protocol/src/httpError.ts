/**
 * HTTP/3 error codes this package asks its caller to reset a stream with
 * (RFC 9114 §8.1). Numbers, because that is what the engine takes.
 */
export const HttpError = {
  /** Orderly: nothing went wrong. */
  noError: 0x100,
  internalError: 0x102,
  /** A limit of ours was exceeded (CIP-608, CIP-710, CIP-1604). */
  excessiveLoad: 0x107,
  /** The tunnel is no longer wanted (CIP-1304). */
  requestCancelled: 0x10c,
  /** Malformed request, response or capsule (MALF and CAPERR of the checklist). */
  messageError: 0x10e,
} as const;
