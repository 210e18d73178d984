import { fieldValues, type HeaderField } from './headerField.js';
import { parseList } from './structuredField.js';
import { isTrue } from './structuredField.js';

/** Fields of the 200 that opens a tunnel, without `:status` (CIP-310, CIP-314). */
export const ACCEPT_HEADERS: readonly HeaderField[] = [['capsule-protocol', '?1']];

export const RESPONSE_ERROR_CODES = [
  'RESPONSE_MALFORMED',
  'RESPONSE_REDIRECT',
  'RESPONSE_REJECTED',
  'RESPONSE_UNAVAILABLE',
] as const;

/**
 * Why there is no tunnel: the response breaks the rules; it redirects (never followed);
 * it says no, and will again; it says not now (429, 5xx other than 501).
 */
export type ResponseErrorCode = (typeof RESPONSE_ERROR_CODES)[number];

/** A failed tunnel, as the client reports it. */
export interface ResponseError {
  readonly code: ResponseErrorCode;
  readonly status: number;
  /** Error type and details of Proxy-Status, `dns_error`, if there were any: what the proxy says about itself (RFC 9209). */
  readonly proxyError: string | null;
  readonly proxyDetails: string | null;
  /** Retry-After in milliseconds; null if absent or a date. */
  readonly retryAfterMs: number | null;
  /** HTTP/3 error code to reset the stream with; null where the server has ended it. */
  readonly resetCode: number | null;
  /** For people, in plain words. */
  readonly message: string;
}

export type ResponseOutcome =
  | {
      readonly accepted: true;
      /** Whether the 2xx carried `capsule-protocol: ?1` (CIP-311). */ readonly capsuleProtocol: boolean;
    }
  | { readonly accepted: false; readonly error: ResponseError };

export declare function judgeResponse(status: number, headers: readonly HeaderField[]): ResponseOutcome;
void fieldValues;
void parseList;
void isTrue;
