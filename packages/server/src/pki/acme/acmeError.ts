/** Stable codes of certificates by ACME; `docs/errors.md` explains each. */
export const acmeErrorCodes = [
  'ACME_CA_FILE_UNREADABLE',
  'ACME_DIRECTORY_UNREACHABLE',
  'ACME_ACCOUNT_REFUSED',
  'ACME_ORDER_REFUSED',
  'ACME_CHALLENGE_NOT_OFFERED',
  'ACME_CHALLENGE_FAILED',
  'ACME_NOT_ISSUED',
  'ACME_CERTIFICATE_UNUSABLE',
  'ACME_PORT_CLOSED',
  'ACME_UNWRITABLE',
] as const;
export type AcmeErrorCode = (typeof acmeErrorCodes)[number];

/** Why there is no new certificate; `message` says what happened and what to do. */
export interface AcmeError {
  readonly code: AcmeErrorCode;
  readonly message: string;
}

export type AcmeResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: AcmeError };

/** A failed {@link AcmeResult}. */
export function acmeFailure(
  code: AcmeErrorCode,
  message: string,
): { readonly ok: false; readonly error: AcmeError } {
  return { ok: false, error: { code, message } };
}
