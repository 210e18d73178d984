import type { HeaderField } from './headerField.js';
import { HttpError } from './httpError.js';

/** Proxy error types of RFC 9209 §2.3 that we send. */
export type ProxyErrorType =
  | 'http_request_error'
  | 'http_request_denied'
  | 'proxy_internal_error'
  | 'connection_limit_reached'
  | 'dns_error'
  | 'dns_timeout'
  | 'destination_ip_prohibited'
  | 'destination_ip_unroutable';

/** How a request is answered that gets no tunnel. Stays data until the engine's `refuse`. */
export interface Refusal<Code extends string = string> {
  /** Stable code for logs, metrics and the API. */
  readonly code: Code;
  readonly status: number;
  /** All fields of the response, Proxy-Status included; pass to the engine as they are. */
  readonly headers: readonly HeaderField[];
  /** The error type in `proxy-status`, if there is one (CIP-319). */
  readonly proxyError: ProxyErrorType | null;
  /** HTTP/3 error code to reset the stream with after the response: 0x10e for malformed requests, else null. */
  readonly resetCode: number | null;
  /** For our log, never for the peer (CIP-1608). */
  readonly message: string;
}

/** The name this proxy gives itself in Proxy-Status. */
export const PROXY_NAME = 'masque-vpn';

/** 400, then S(0x10e) (CIP-302 … CIP-306, CIP-313). */
export function malformed<Code extends string>(code: Code, message: string): Refusal<Code> {
  return refusal(code, 400, message, { proxyError: 'http_request_error', resetCode: HttpError.messageError });
}

/**
 * 401: no credentials, or none we know. Always the same bytes, so that nobody learns what exists (CIP-1601).
 * The scheme name only says what to do; TLS client certificates have none registered (RFC 9110 §11.6.1 wants one).
 */
export function unauthorized<Code extends string>(code: Code, message: string): Refusal<Code> {
  return refusal(code, 401, message, {
    headers: [['www-authenticate', `TLS-Client-Certificate realm="${PROXY_NAME}"`]],
  });
}

/** 403: known, but not allowed this. */
export function forbidden<Code extends string>(code: Code, message: string): Refusal<Code> {
  return refusal(code, 403, message, { proxyError: 'http_request_denied' });
}

/** 404: no template of ours has this path. */
export function notFound<Code extends string>(code: Code, message: string): Refusal<Code> {
  return refusal(code, 404, message, {});
}

/** 405: GET, POST and the like on a tunnel path. */
export function methodNotAllowed<Code extends string>(code: Code, message: string): Refusal<Code> {
  return refusal(code, 405, message, { headers: [['allow', 'CONNECT']] });
}

/** 421: an authority or scheme that is not served here. */
export function misdirected<Code extends string>(code: Code, message: string): Refusal<Code> {
  return refusal(code, 421, message, {});
}

/** 429: too many requests; come back after this many seconds. */
export function tooManyRequests<Code extends string>(
  code: Code,
  message: string,
  retryAfterSeconds: number,
): Refusal<Code> {
  return refusal(code, 429, message, { headers: [retryAfter(retryAfterSeconds)] });
}

/** 500: the engine or the TUN failed. */
export function internalError<Code extends string>(code: Code, message: string): Refusal<Code> {
  return refusal(code, 500, message, { proxyError: 'proxy_internal_error' });
}

/** 501: classic CONNECT, or a `:protocol` other than connect-ip (CIP-305). */
export function notImplemented<Code extends string>(code: Code, message: string): Refusal<Code> {
  return refusal(code, 501, message, {});
}

/** 502: the host name target has no address (CIP-308). */
export function dnsFailed<Code extends string>(code: Code, message: string): Refusal<Code> {
  return refusal(code, 502, message, { proxyError: 'dns_error' });
}

/** 502: the target is an address we do not forward to. */
export function destinationProhibited<Code extends string>(code: Code, message: string): Refusal<Code> {
  return refusal(code, 502, message, { proxyError: 'destination_ip_prohibited' });
}

/** 502: nothing of the target lies within the routes we have. */
export function destinationUnroutable<Code extends string>(code: Code, message: string): Refusal<Code> {
  return refusal(code, 502, message, { proxyError: 'destination_ip_unroutable' });
}

/** 503: pool, tunnel or connection limit reached, or no TUN yet; come back after this many seconds. */
export function unavailable<Code extends string>(
  code: Code,
  message: string,
  retryAfterSeconds: number,
): Refusal<Code> {
  return refusal(code, 503, message, {
    proxyError: 'connection_limit_reached',
    headers: [retryAfter(retryAfterSeconds)],
  });
}

/** 504: resolving the target took too long. */
export function dnsTimedOut<Code extends string>(code: Code, message: string): Refusal<Code> {
  return refusal(code, 504, message, { proxyError: 'dns_timeout' });
}

interface RefusalParts {
  readonly proxyError?: ProxyErrorType;
  readonly headers?: readonly HeaderField[];
  readonly resetCode?: number;
}

function refusal<Code extends string>(
  code: Code,
  status: number,
  message: string,
  parts: RefusalParts,
): Refusal<Code> {
  const proxyError = parts.proxyError ?? null;
  const proxyStatus: HeaderField[] =
    proxyError === null ? [] : [['proxy-status', `${PROXY_NAME}; error=${proxyError}`]];
  const headers = [...(parts.headers ?? []), ...proxyStatus];
  return { code, status, headers, proxyError, resetCode: parts.resetCode ?? null, message };
}

function retryAfter(seconds: number): HeaderField {
  return ['retry-after', String(Math.max(1, Math.ceil(seconds)))];
}
