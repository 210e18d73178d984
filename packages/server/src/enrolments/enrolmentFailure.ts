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

/** Why nobody got a certificate, or a link. */
export interface EnrolmentFailure {
  readonly code:
    EnrolmentFailureCode | EnrolmentErrorCode | RefusedHolderCode | PkiErrorCode | ClientFailure['code'];
  readonly message: string;
  /** When to try again. */
  readonly retryAfterSeconds?: number;
}

/** A failed `Result`. */
export function enrolmentFailed(
  code: EnrolmentFailure['code'],
  message: string,
): { readonly ok: false; readonly error: EnrolmentFailure } {
  return fail({ code, message });
}
