import { fieldValues, type HeaderField } from './headerField.js';
import { HttpError } from './httpError.js';
import { isTrue, parseList } from './structuredField.js';

/** Fields of the 200 that opens a tunnel, without `:status` (CIP-310, CIP-314). */
export const ACCEPT_HEADERS: readonly HeaderField[] = [['capsule-protocol', '?1']];

export const RESPONSE_ERROR_CODES = [
  'RESPONSE_MALFORMED',
  'RESPONSE_REDIRECT',
  'RESPONSE_REJECTED',
  'RESPONSE_UNAVAILABLE',
] as const;

/**
 * Why there is no tunnel. MALFORMED: the response breaks the rules. REDIRECT: never followed.
 * REJECTED: no, and the same request will be refused again. UNAVAILABLE: not now (425, 429, 5xx other than 501).
 */
export type ResponseErrorCode = (typeof RESPONSE_ERROR_CODES)[number];

/** A failed tunnel, as the client reports it. */
export interface ResponseError {
  readonly code: ResponseErrorCode;
  readonly status: number;
  /** Error type of Proxy-Status, `dns_error`, if there was one (RFC 9209 §2.3). */
  readonly proxyError: string | null;
  /** Retry-After in milliseconds; null if absent or a date. */
  readonly retryAfterMs: number | null;
  /** HTTP/3 error code to reset the stream with: malformed, or no interest in the rest of the response. */
  readonly resetCode: number;
  /** For people, in plain words. */
  readonly message: string;
}

export type ResponseOutcome =
  | {
      readonly accepted: true;
      /** Whether the 2xx carried `capsule-protocol: ?1`; its absence is accepted (CIP-311). */
      readonly capsuleProtocol: boolean;
    }
  | { readonly accepted: false; readonly error: ResponseError };

/** Judges the final response to a tunnel request, as the client sees it (CIP-313, CIP-315). */
export function judgeResponse(status: number, headers: readonly HeaderField[]): ResponseOutcome {
  if (status < 200 || status > 599) return malformedResponse(status, `${status} is not a final HTTP status`);
  if (status >= 300) return refusedResponse(status, headers);
  if (WITHOUT_TUNNEL.has(status)) return malformedResponse(status, `status ${status} cannot open a tunnel`);
  const content = CONTENT_FIELDS.find((name) => fieldValues(headers, name).length > 0);
  if (content !== undefined) return malformedResponse(status, `a tunnel cannot have ${content}`);
  return { accepted: true, capsuleProtocol: isTrue(fieldValues(headers, 'capsule-protocol')) };
}

/** RFC 9297 §3.2: success without or with partial content makes no tunnel. */
const WITHOUT_TUNNEL: ReadonlySet<number> = new Set([204, 205, 206]);

const CONTENT_FIELDS = ['content-length', 'content-type', 'transfer-encoding'] as const;

/** What a status means for whoever started the client. */
const MEANINGS: ReadonlyMap<number, string> = new Map([
  [400, 'the server could not understand the request'],
  [401, 'the server does not know this client: certificate missing, unknown, expired or disabled'],
  [403, 'the server does not allow this client what it asks for'],
  [404, 'the server offers no tunnel on this path: check the URL of the profile'],
  [405, 'the server takes no tunnel request on this path'],
  [421, 'the server does not serve this name: check the URL of the profile'],
  [425, 'the server wants the request after the handshake'],
  [429, 'the server gets too many requests from this client'],
  [500, 'the server has an internal error'],
  [501, 'the server offers no CONNECT-IP'],
  [502, 'the server cannot reach the target'],
  [503, 'the server has no room at the moment: no free address, too many sessions or no tunnel device'],
  [504, 'the server could not resolve the target in time'],
]);

function refusedResponse(status: number, headers: readonly HeaderField[]): ResponseOutcome {
  const proxyError = readProxyError(fieldValues(headers, 'proxy-status'));
  const meaning =
    MEANINGS.get(status) ?? (status < 400 ? 'the server redirects, which is not followed' : 'refused');
  const message = `status ${status}: ${meaning}${proxyError === null ? '' : ` (${proxyError})`}`;
  const retryAfterMs = readRetryAfter(fieldValues(headers, 'retry-after'));
  const error = {
    code: codeOf(status),
    status,
    proxyError,
    retryAfterMs,
    resetCode: HttpError.requestCancelled,
    message,
  };
  return { accepted: false, error };
}

function codeOf(status: number): ResponseErrorCode {
  if (status < 400) return 'RESPONSE_REDIRECT';
  const isTemporary = status === 425 || status === 429 || (status >= 500 && status !== 501);
  return isTemporary ? 'RESPONSE_UNAVAILABLE' : 'RESPONSE_REJECTED';
}

function malformedResponse(status: number, message: string): ResponseOutcome {
  const code = 'RESPONSE_MALFORMED';
  const resetCode = HttpError.messageError;
  return {
    accepted: false,
    error: { code, status, proxyError: null, retryAfterMs: null, resetCode, message },
  };
}

/** The `error` parameter nearest to us: members stand in the order from the origin to the client (RFC 9209 §2). */
function readProxyError(lines: readonly string[]): string | null {
  const members = lines.length === 0 ? null : parseList(lines.join(', '));
  const errors = (members ?? []).map((member) => member.parameters.get('error'));
  return errors.findLast((error) => typeof error === 'string') ?? null;
}

function readRetryAfter([line, ...more]: readonly string[]): number | null {
  return line !== undefined && more.length === 0 && /^[0-9]{1,6}$/.test(line) ? Number(line) * 1000 : null;
}
