import {
  dnsFailed,
  dnsTimedOut,
  destinationProhibited,
  destinationUnroutable,
  forbidden,
  internalError,
  tooManyRequests,
  unauthorized,
  unavailable,
  type Refusal,
  type RequestRefusalCode,
} from '@masque-vpn/protocol';

export const admissionRefusalCodes = [
  /** No client certificate (CIP-1601). */
  'CERTIFICATE_MISSING',
  /** A certificate that this server never issued, or whose client was deleted. */
  'CERTIFICATE_UNKNOWN',
  'CERTIFICATE_NOT_YET_VALID',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_REVOKED',
  'CLIENT_DISABLED',
  'CLIENT_EXPIRED',
  /** The connection already belongs to another client. */
  'CONNECTION_OF_OTHER_CLIENT',
  /** An IPv6 extension header as `ipproto` (CIP-408). */
  'SCOPE_NOT_SERVED',
  'LIMIT_PER_CONNECTION',
  'LIMIT_PER_CLIENT',
  'LIMIT_OF_SERVER',
  /** The client has used up its traffic of the month. */
  'QUOTA_EXCEEDED',
  'POOL_EXHAUSTED',
  /** No TUN, or the host's network is not set up. */
  'TUN_DOWN',
  /** The lease could not be stored. */
  'LEASE_NOT_STORED',
  'SERVER_STOPPING',
  /** A newer request of the same client and instance came while this one was being decided. */
  'REQUEST_REPLACED',
  /** The target's name does not resolve (CIP-308). */
  'TARGET_UNRESOLVED',
  'TARGET_TIMEOUT',
  /** The target is, or resolves to nothing but, what no client may reach (CIP-1602). */
  'TARGET_PROHIBITED',
  /** The target lies outside the advertised routes. */
  'TARGET_UNROUTABLE',
  /** The engine did not take the session. */
  'ENGINE_REFUSED',
] as const;
export type AdmissionRefusalCode = (typeof admissionRefusalCodes)[number];

/**
 * Why a request got no tunnel. One closed list: the log line, the error metric, the API and the answer to the
 * peer all derive from it.
 */
export type RefusalCode = RequestRefusalCode | AdmissionRefusalCode;

/** Seconds after which it is worth trying again. */
const retryAfter = { limit: 30, quota: 300, pool: 30, tun: 10, store: 10, stopping: 5, replaced: 1 } as const;

/** The answer for each reason; the peer learns the status, only the log learns more (CIP-1608). */
const answers: Readonly<Record<AdmissionRefusalCode, Refusal<AdmissionRefusalCode>>> = {
  CERTIFICATE_MISSING: unauthorized('CERTIFICATE_MISSING', 'no client certificate was presented'),
  CERTIFICATE_UNKNOWN: forbidden('CERTIFICATE_UNKNOWN', 'the client certificate is not known here'),
  CERTIFICATE_NOT_YET_VALID: forbidden(
    'CERTIFICATE_NOT_YET_VALID',
    'the client certificate is not valid yet',
  ),
  CERTIFICATE_EXPIRED: forbidden('CERTIFICATE_EXPIRED', 'the client certificate has expired'),
  CERTIFICATE_REVOKED: forbidden('CERTIFICATE_REVOKED', 'the client certificate was revoked'),
  CLIENT_DISABLED: forbidden('CLIENT_DISABLED', 'the client is disabled'),
  CLIENT_EXPIRED: forbidden('CLIENT_EXPIRED', 'the client has expired'),
  CONNECTION_OF_OTHER_CLIENT: forbidden(
    'CONNECTION_OF_OTHER_CLIENT',
    'the connection belongs to another client',
  ),
  SCOPE_NOT_SERVED: forbidden('SCOPE_NOT_SERVED', 'the scope names an IPv6 extension header'),
  LIMIT_PER_CONNECTION: unavailable(
    'LIMIT_PER_CONNECTION',
    'too many sessions on this connection',
    retryAfter.limit,
  ),
  LIMIT_PER_CLIENT: unavailable('LIMIT_PER_CLIENT', 'too many sessions of this client', retryAfter.limit),
  LIMIT_OF_SERVER: unavailable('LIMIT_OF_SERVER', 'too many sessions on this server', retryAfter.limit),
  QUOTA_EXCEEDED: tooManyRequests('QUOTA_EXCEEDED', 'the monthly quota is used up', retryAfter.quota),
  POOL_EXHAUSTED: unavailable('POOL_EXHAUSTED', 'every address is leased or in quarantine', retryAfter.pool),
  TUN_DOWN: unavailable('TUN_DOWN', 'there is no tunnel interface', retryAfter.tun),
  LEASE_NOT_STORED: unavailable('LEASE_NOT_STORED', 'the lease could not be stored', retryAfter.store),
  SERVER_STOPPING: unavailable('SERVER_STOPPING', 'the server is stopping', retryAfter.stopping),
  REQUEST_REPLACED: unavailable(
    'REQUEST_REPLACED',
    'a newer request of the same instance came',
    retryAfter.replaced,
  ),
  TARGET_UNRESOLVED: dnsFailed('TARGET_UNRESOLVED', 'the target does not resolve'),
  TARGET_TIMEOUT: dnsTimedOut('TARGET_TIMEOUT', 'resolving the target took too long'),
  TARGET_PROHIBITED: destinationProhibited('TARGET_PROHIBITED', 'no client may reach the target'),
  TARGET_UNROUTABLE: destinationUnroutable(
    'TARGET_UNROUTABLE',
    'the target lies outside the advertised routes',
  ),
  ENGINE_REFUSED: internalError('ENGINE_REFUSED', 'the engine did not take the session'),
};

/** The answer to a request that is not admitted for this reason. */
export function refusalFor(code: AdmissionRefusalCode): Refusal<AdmissionRefusalCode> {
  return answers[code];
}
