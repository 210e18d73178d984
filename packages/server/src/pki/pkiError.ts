/** Stable codes of the certificate authority; `docs/errors.md` explains each. */
export const pkiErrorCodes = [
  'PKI_CA_UNREADABLE',
  'PKI_CA_INCOMPLETE',
  'PKI_CA_INVALID',
  'PKI_CA_MISMATCH',
  'PKI_CA_EXPIRED',
  'PKI_UNWRITABLE',
  'PKI_MASTER_KEY_MISSING',
  'PKI_MASTER_KEY_UNREADABLE',
  'PKI_MASTER_KEY_WEAK',
  'PKI_MASTER_KEY_WRONG',
  'PKI_SEAL_BROKEN',
  'PKI_BAD_CSR',
  'PKI_BAD_SIGNATURE',
  'PKI_WEAK_KEY',
  'PKI_FOREIGN_NAMES',
  'PKI_FOREIGN_EXTENSIONS',
  'PKI_ROLLOVER_UNDER_WAY',
  'PKI_AUTHORITY_UNKNOWN',
  'PKI_AUTHORITY_ISSUING',
  'PKI_OWN_UNREADABLE',
  'PKI_OWN_INVALID',
  'PKI_OWN_MISMATCH',
  'PKI_OWN_EXPIRED',
  'PKI_OWN_WRONG_NAME',
] as const;
export type PkiErrorCode = (typeof pkiErrorCodes)[number];

/** An expected failure; `message` says what happened and what to do. */
export interface PkiError {
  readonly code: PkiErrorCode;
  readonly message: string;
}

export type PkiResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: PkiError };

/** A failed {@link PkiResult}. */
export function pkiFailure(
  code: PkiErrorCode,
  message: string,
): { readonly ok: false; readonly error: PkiError } {
  return { ok: false, error: { code, message } };
}
