import type { Retry } from '../failure.js';
import { failed } from '../failure.js';
import type { ClientFailure, ClientFailureCode } from '../failure.js';
import { systemErrorCode, systemErrorText } from '../systemError.js';
import { portName, type PublicPort } from './publicPort.js';

/** Why an exchange at the public port came to nothing; with the server's own word where it refused. */
export interface ExchangeFailure extends Omit<ClientFailure, 'code'> {
  /** One of ours, or the stable code that the server answered. */
  readonly code: string;
  /** HTTP status of a refusal; null when there was no answer. */
  readonly status: number | null;
}

/** A value, or why there is none. */
export type ExchangeOutcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ExchangeFailure };

/** A failed {@link ExchangeOutcome} without an answer of the server. */
export function exchangeFailed(
  code: ClientFailureCode,
  message: string,
  retry: Retry = 'never',
): { readonly ok: false; readonly error: ExchangeFailure } {
  return { ok: false, error: { ...failed(code, message, retry).error, status: null } };
}

const portal =
  'On a network that wants you to log in first (hotel, train), open any web page, log in, and try again';

/** What an error of TCP or TLS at the public port means; `now` is UTC milliseconds. */
export function tlsFailure(
  error: unknown,
  port: PublicPort,
  now: number,
): { readonly ok: false; readonly error: ExchangeFailure } {
  const name = portName(port);
  const code = systemErrorCode(error) ?? '';
  if (isCertificateAlert(code)) {
    return exchangeFailed(
      'SERVER_REFUSED_CERTIFICATE',
      `${name} does not accept this certificate: it has expired, or comes from another server. Ask the server’s owner for a new enrolment link.`,
    );
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const word = code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet';
    return exchangeFailed(
      'CLIENT_CLOCK_WRONG',
      `By this machine’s clock (${minute(now)}) the certificate of ${name} ${word}. Check the clock; if it is right, the server’s owner has to look.`,
      'slowly',
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return exchangeFailed(
      'SERVER_CERTIFICATE_REFUSED',
      `The server at ${name} is the right one, but its certificate is not for the name ${port.host}. The server’s owner has to set the server’s host.`,
      'slowly',
    );
  }
  if (untrusted.has(code)) {
    return exchangeFailed(
      'SERVER_CERTIFICATE_REFUSED',
      `${name} did not prove to be the server it should be (${code}). ${portal}.`,
      'slowly',
    );
  }
  if (/^(?:ERR_SSL_|EPROTO$|HPE_)/.test(code)) {
    return exchangeFailed(
      'SERVER_PORT_FOREIGN',
      `What answers on TCP port ${port.port} of ${port.host} is no masque-vpn server. ${portal}.`,
      'soon',
    );
  }
  return exchangeFailed(
    'SERVER_UNREACHABLE',
    `No answer on TCP port ${port.port} of ${port.addresses.join(', ')} (${reason(error)}). Is the server running, and does a firewall let TCP through?`,
    'soon',
  );
}

/** OpenSSL's names for a chain that does not lead to the anchors. */
const untrusted: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);

/** TLS alerts about our certificate come as `ERR_SSL_…_ALERT_CERTIFICATE_EXPIRED`, `…_ALERT_UNKNOWN_CA` and so on. */
function isCertificateAlert(code: string): boolean {
  return /_ALERT_(?:\w*CERTIFICATE\w*|UNKNOWN_CA|ACCESS_DENIED)$/.test(code);
}

function reason(error: unknown): string {
  // Several addresses, several errors: the first is the most promising address’s.
  if (error instanceof AggregateError && error.errors.length > 0) return systemErrorText(error.errors[0]);
  return systemErrorText(error);
}

function minute(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ').concat(' UTC');
}
