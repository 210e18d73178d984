import type { CapsuleErrorCode } from '../capsule.js';

export const SESSION_ERROR_CODES = [
  'SESSION_ADDRESS_TIMEOUT',
  'SESSION_ADDRESS_REFUSED',
  'SESSION_ROUTES_TOO_FINE',
] as const;

/** Why a session ends although no capsule was malformed. */
export type SessionErrorCode = (typeof SESSION_ERROR_CODES)[number];

/** The end of a session by our side. */
export interface SessionAbort {
  readonly code: SessionErrorCode | CapsuleErrorCode;
  /** Id of the rule in the conformance checklist. */
  readonly rule: string;
  /** HTTP/3 error code to reset the stream with. */
  readonly httpErrorCode: number;
  readonly message: string;
}
