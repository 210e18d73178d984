import type { EnrolmentFailure } from '../enrolments/enrolmentFailure.js';
import { pkiErrorCodes } from '../pki/pkiError.js';
import { storeErrorCodes } from '../store/storeError.js';

/** What the public TCP port itself finds wrong with a request; `docs/errors.md` explains each. */
export const frontProblemCodes = [
  'FRONT_NOT_FOUND',
  'FRONT_METHOD_NOT_ALLOWED',
  'FRONT_UNSUPPORTED_MEDIA_TYPE',
  'FRONT_BODY_TOO_LARGE',
  'FRONT_TUNNEL_NOT_SERVED',
  'FRONT_FAILED',
] as const;
export type FrontProblemCode = (typeof frontProblemCodes)[number];

/** Why a request got nothing. */
export interface FrontFailure {
  readonly code: FrontProblemCode | EnrolmentFailure['code'] | 'STORE_UNAVAILABLE';
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

/** Problem details (RFC 9457) as they are sent. */
export interface FrontProblem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const statuses: Readonly<Partial<Record<string, number>>> = {
  ...Object.fromEntries(storeErrorCodes.map((code) => [code, 503])),
  // A request that cannot be certified is the sender's fault; what else the authority fails at is not.
  ...Object.fromEntries(pkiErrorCodes.map((code) => [code, 500])),
  PKI_BAD_CSR: 422,
  PKI_BAD_SIGNATURE: 422,
  PKI_WEAK_KEY: 422,
  PKI_FOREIGN_NAMES: 422,
  PKI_FOREIGN_EXTENSIONS: 422,
  FRONT_NOT_FOUND: 404,
  FRONT_METHOD_NOT_ALLOWED: 405,
  FRONT_UNSUPPORTED_MEDIA_TYPE: 415,
  FRONT_BODY_TOO_LARGE: 413,
  FRONT_TUNNEL_NOT_SERVED: 501,
  ENROLMENT_MESSAGE_INVALID: 400,
  ENROLMENT_UNKNOWN: 404,
  ENROLMENT_USED: 409,
  ENROLMENT_EXPIRED: 410,
  ENROLMENT_REVOKED: 410,
  ENROLMENT_RATE_LIMITED: 429,
  CERTIFICATE_MISSING: 401,
  CERTIFICATE_UNKNOWN: 403,
  CERTIFICATE_NOT_YET_VALID: 403,
  CERTIFICATE_EXPIRED: 403,
  CERTIFICATE_REVOKED: 403,
  CLIENT_DISABLED: 403,
  CLIENT_EXPIRED: 403,
};

/** The answer to a request that got nothing. */
export function frontProblem({ code, message, retryAfterSeconds }: FrontFailure): FrontProblem {
  const status = statuses[code] ?? 500;
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterSeconds)) }),
      ...(code === 'FRONT_METHOD_NOT_ALLOWED' ? { allow: 'POST' } : {}),
    },
    body: JSON.stringify({ type: 'about:blank', title: message, status, detail: message, code }),
  };
}
