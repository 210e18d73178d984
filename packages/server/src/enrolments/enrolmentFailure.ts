import { fail, type EnrolmentErrorCode } from '@masque-vpn/protocol';
import type { ClientFailure } from '../clients/clientFailure.js';
import type { PkiErrorCode } from '../pki/pkiError.js';

/** Stable codes of enrolment and renewal; `docs/errors.md` explains each. */
export const enrolmentFailureCodes = [
  /** No link has this secret. */
  'ENROLMENT_UNKNOWN',
  'ENROLMENT_USED',
  'ENROLMENT_EXPIRED',
  'ENROLMENT_REVOKED',
  /** An administrator names a link that does not exist. */
  'ENROLMENT_NOT_FOUND',
  'ENROLMENT_RATE_LIMITED',
  'CLIENT_TOKEN_NOT_FOUND',
  'CERTIFICATE_INVALID',
  'CERTIFICATE_EXISTS',
] as const;
export type EnrolmentFailureCode = (typeof enrolmentFailureCodes)[number];

/** Codes of admission that keep somebody from a certificate as well. */
export type RefusedHolderCode =
  | 'CERTIFICATE_MISSING'
  | 'CERTIFICATE_UNKNOWN'
  | 'CERTIFICATE_NOT_YET_VALID'
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_REVOKED'
  | 'CLIENT_DISABLED'
  | 'CLIENT_EXPIRED';

/** Why an administrator got no link, certificate or token. */
export interface CredentialFailure {
  readonly code: EnrolmentFailureCode | PkiErrorCode | ClientFailure['code'];
  readonly message: string;
}

/** Why a client got no certificate. */
export interface EnrolmentFailure {
  readonly code: CredentialFailure['code'] | EnrolmentErrorCode | RefusedHolderCode;
  readonly message: string;
}

/** A failed `Result`. */
export function enrolmentFailed<Code extends EnrolmentFailure['code']>(
  code: Code,
  message: string,
): { readonly ok: false; readonly error: { readonly code: Code; readonly message: string } } {
  return fail({ code, message });
}
