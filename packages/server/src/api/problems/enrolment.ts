import type { EnrolmentFailureCode } from '../../enrolments/enrolmentFailure.js';
import type { ProblemTable } from './table.js';

export const enrolmentProblems = {
  ENROLMENT_UNKNOWN: [404, 'There is no such link'],
  ENROLMENT_USED: [409, 'The link was redeemed already'],
  ENROLMENT_EXPIRED: [410, 'The link has expired'],
  ENROLMENT_REVOKED: [410, 'The link was taken back'],
  ENROLMENT_NOT_FOUND: [404, 'There is no such link'],
  ENROLMENT_RATE_LIMITED: [429, 'Too many requests'],
  CLIENT_TOKEN_NOT_FOUND: [404, 'There is no such token'],
  CERTIFICATE_INVALID: [422, 'The certificate cannot be imported'],
  CERTIFICATE_EXISTS: [409, 'The certificate is known already'],
} as const satisfies ProblemTable & Record<EnrolmentFailureCode, unknown>;
