export const ENROLMENT_ERROR_CODES = ['ENROLMENT_LINK_INVALID', 'ENROLMENT_MESSAGE_INVALID'] as const;

/** Why a link or a message of enrolment cannot be used; the list is `ENROLMENT_ERROR_CODES`. */
export type EnrolmentErrorCode = (typeof ENROLMENT_ERROR_CODES)[number];

/** An expected failure; `message` is for people and never repeats a secret. */
export interface EnrolmentError {
  readonly code: EnrolmentErrorCode;
  readonly message: string;
}

/** A failed `Result`. */
export function enrolmentError(
  code: EnrolmentErrorCode,
  message: string,
): { readonly ok: false; readonly error: EnrolmentError } {
  return { ok: false, error: { code, message } };
}
