import type { ProblemTable } from './table.js';

/** What the API itself finds wrong with a request. */
export const apiProblems = {
  API_REQUEST_INVALID: [400, 'The request is not valid'],
  API_HEADER_TOO_LARGE: [431, 'The header section is too large'],
  API_REQUEST_TIMEOUT: [408, 'The request took too long to arrive'],
  API_BODY_TOO_LARGE: [413, 'The request is too large'],
  API_UNSUPPORTED_MEDIA_TYPE: [415, 'Only application/json is understood'],
  API_NOT_FOUND: [404, 'There is nothing here'],
  API_METHOD_NOT_ALLOWED: [405, 'This method is not for this path'],
  API_UNAUTHENTICATED: [401, 'Sign in first'],
  API_FORBIDDEN: [403, 'This is not for you'],
  API_LOCAL_ONLY: [403, 'Only from this machine, or over TLS'],
  API_HOST_REFUSED: [403, 'This name of the server is not accepted here'],
  API_ORIGIN_REFUSED: [403, 'Pages of other sites may not use this API'],
  API_CSRF_HEADER_MISSING: [403, 'A change by cookie needs one more header'],
  API_VERSION_CONFLICT: [412, 'Somebody else changed it in the meantime'],
  API_IDEMPOTENCY_KEY_REUSED: [422, 'This idempotency key belongs to another request'],
  API_IDEMPOTENCY_KEY_BUSY: [409, 'The first request with this idempotency key is not answered yet'],
  API_IDEMPOTENCY_ANSWER_LOST: [409, 'It was done, and its answer was lost'],
  API_TOO_MANY_STREAMS: [429, 'Too many streams of events'],
  API_RATE_LIMITED: [429, 'Too many requests'],
  API_OVERLOADED: [503, 'The server has too much to do'],
  API_INTERNAL_ERROR: [500, 'The server failed'],
} as const satisfies ProblemTable;
