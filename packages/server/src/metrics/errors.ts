import type { ConnectionCloseCause, TotalColumn } from '@masque-vpn/engine';
import type { RefusalCode } from '../admission/refusal.js';
import type { ErrorType } from './contract.js';

/**
 * What counts in `masque_vpn_errors_total`, by `error_type`:
 *
 * | type       | events                                                                                     |
 * |------------|--------------------------------------------------------------------------------------------|
 * | connection | a connection broke the protocol; the UDP socket failed; a worker panicked; the record of a session could not be stored |
 * | packet     | see `dropsThatAreErrors`                                                                   |
 * | auth       | a certificate was presented and refused, in TLS or at admission; a tunnel was asked for without one |
 * | tun        | the TUN could not be set up, or was lost; an I/O error on it; a tunnel refused because it is down |
 * | masque     | a malformed request or capsule; a tunnel refused by lack of addresses, by DNS, by an overload or a fault of ours |
 *
 * Handshakes without a credential, requests for other resources and configured limits are no errors: an Internet
 * scan or a client at its limit must not raise an alarm. Nor is a handshake that the other side ends because of our
 * certificate: that takes no credential either.
 */
export const refusalErrors: Readonly<Record<RefusalCode, ErrorType | null>> = {
  REQUEST_MALFORMED: 'masque',
  REQUEST_SCOPE_INVALID: 'masque',
  REQUEST_PROTOCOL_UNKNOWN: null,
  REQUEST_CLASSIC_CONNECT: null,
  REQUEST_AUTHORITY_UNKNOWN: null,
  REQUEST_PATH_UNKNOWN: null,
  REQUEST_METHOD_NOT_ALLOWED: null,
  CERTIFICATE_MISSING: 'auth',
  CERTIFICATE_UNKNOWN: 'auth',
  CERTIFICATE_NOT_YET_VALID: 'auth',
  CERTIFICATE_EXPIRED: 'auth',
  CERTIFICATE_REVOKED: 'auth',
  CLIENT_DISABLED: 'auth',
  CLIENT_EXPIRED: 'auth',
  CONNECTION_OF_OTHER_CLIENT: 'auth',
  SCOPE_NOT_SERVED: null,
  LIMIT_PER_CONNECTION: null,
  LIMIT_PER_CLIENT: null,
  LIMIT_OF_SERVER: 'masque',
  QUOTA_EXCEEDED: null,
  POOL_EXHAUSTED: 'masque',
  TUN_DOWN: 'tun',
  LEASE_NOT_STORED: 'masque',
  SERVER_STOPPING: null,
  REQUEST_REPLACED: null,
  TARGET_UNRESOLVED: 'masque',
  TARGET_TIMEOUT: 'masque',
  TARGET_PROHIBITED: null,
  TARGET_UNROUTABLE: null,
  ENGINE_REFUSED: 'masque',
};

/** Totals of the engine that are errors. */
export const engineErrors: Readonly<Partial<Record<TotalColumn, ErrorType>>> = {
  'handshakes.certificateRefused': 'auth',
  requestsMalformed: 'masque',
  requestsOverflowed: 'masque',
  'capsuleErrors.malformed': 'masque',
  'capsuleErrors.tooLarge': 'masque',
  'capsuleErrors.flood': 'masque',
  tunErrors: 'tun',
  udpErrors: 'connection',
  panics: 'connection',
};

/** Ends of connections that are errors; `engineFault` is counted as a panic already. */
export const connectionErrors: readonly ConnectionCloseCause[] = ['protocolError'];
