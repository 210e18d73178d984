/** Stable codes of the certificate authority; `docs/errors.md` explains each. */
export const pkiErrorCodes = [
  'PKI_CA_UNREADABLE',
  'PKI_CA_INCOMPLETE',
  'PKI_CA_INVALID',
  'PKI_CA_MISMATCH',
  'PKI_CA_EXPIRED',
  'PKI_UNWRITABLE',
  'PKI_SEAL_BROKEN',
  'PKI_BAD_CSR',
  'PKI_BAD_SIGNATURE',
  'PKI_WEAK_KEY',
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
