import type { ProblemModel } from './models.js';
import type { PkiErrorCode } from '../pki/pkiError.js';
import type { StoreErrorCode } from '../store/storeError.js';

/** Failures that the API itself finds. */
export const apiErrorCodes = [
  'API_REQUEST_INVALID',
  'API_BODY_TOO_LARGE',
  'API_UNSUPPORTED_MEDIA_TYPE',
  'API_NOT_FOUND',
  'API_LOCAL_ONLY',
  'API_HOST_REFUSED',
  'API_ORIGIN_REFUSED',
  'API_INTERNAL_ERROR',
  'CLIENT_EXISTS',
  'CLIENT_NOT_FOUND',
] as const;
export type ApiErrorCode = (typeof apiErrorCodes)[number];

/** Every code that problem details may carry. */
export type ProblemCode = ApiErrorCode | PkiErrorCode | StoreErrorCode;

/** An expected failure of a handler. */
export interface ApiFailure {
  readonly code: ProblemCode;
  /** For people; may stay empty where the title says it all. */
  readonly message: string;
}

const titles: Readonly<Record<ApiErrorCode, readonly [status: number, title: string]>> = {
  API_REQUEST_INVALID: [400, 'The request is not valid'],
  API_BODY_TOO_LARGE: [413, 'The request is too large'],
  API_UNSUPPORTED_MEDIA_TYPE: [415, 'Only application/json is understood'],
  API_NOT_FOUND: [404, 'There is nothing here'],
  API_LOCAL_ONLY: [403, 'Only from this machine'],
  API_HOST_REFUSED: [403, 'This name of the server is not accepted here'],
  API_ORIGIN_REFUSED: [403, 'Pages of other sites may not use this API'],
  API_INTERNAL_ERROR: [500, 'The server failed'],
  CLIENT_EXISTS: [409, 'The client exists already'],
  CLIENT_NOT_FOUND: [404, 'There is no such client'],
};

/** Problem details (RFC 9457) of a failure; its status is in them. */
export function problemOf({ code, message }: ApiFailure): ProblemModel {
  const [status, title] = describe(code);
  return { type: 'about:blank', title, status, detail: message, code };
}

function describe(code: ProblemCode): readonly [status: number, title: string] {
  if (isApiErrorCode(code)) return titles[code];
  switch (code) {
    case 'PKI_BAD_CSR':
    case 'PKI_BAD_SIGNATURE':
    case 'PKI_WEAK_KEY':
      return [422, 'The certificate request is not acceptable'];
    default:
      return code.startsWith('PKI_')
        ? [500, 'The certificate authority failed']
        : [503, 'The database is not available'];
  }
}

function isApiErrorCode(code: ProblemCode): code is ApiErrorCode {
  return code in titles;
}
