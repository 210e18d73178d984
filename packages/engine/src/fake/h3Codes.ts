/** HTTP/3 error codes that the fake uses (RFC 9114 §8.1). */
export const h3 = {
  noError: 0x0100,
  excessiveLoad: 0x0107,
  requestRejected: 0x010b,
  requestCancelled: 0x010c,
} as const;
