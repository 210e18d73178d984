import type { EngineEvent } from '@masque-vpn/engine';
import type { ClientFailure } from '../failure.js';

/** The last event of a connection. */
export type ConnectionClosed = Extract<EngineEvent, { readonly type: 'connectionClosed' }>;

/** CONNECTION_REFUSED (RFC 9000 §20.1). */
const connectionRefused = 0x02;

/** Crypto errors are 0x0100 plus the TLS alert (RFC 9001 §4.8). */
const cryptoError = 0x0100;

/** TLS alerts that judge a certificate (RFC 8446 §6.2). */
const certificateAlerts: ReadonlyMap<number, string> = new Map([
  [42, 'is damaged'],
  [43, 'is of an unsupported kind'],
  [44, 'was revoked'],
  [45, 'has expired'],
  [46, 'is not acceptable'],
  [48, 'comes from another authority'],
  [49, 'gives no access'],
  [116, 'is missing'],
]);

/** Why a connection ended, for people, and whether another attempt makes sense; `server` names the other end. */
export function connectionFailure(event: ConnectionClosed, server: string): ClientFailure {
  switch (event.cause) {
    case 'unreachable':
      return {
        code: 'SERVER_UNREACHABLE',
        message: `No answer from ${server} (UDP). Is the server running, and does a firewall let UDP through?`,
        retry: 'soon',
      };
    case 'peerUntrusted':
      return {
        code: 'SERVER_CERTIFICATE_REFUSED',
        message: `${server} did not prove to be the server of this profile${reason(event)}. Does the host in the profile’s url stand in the server’s certificate, and was the profile made by this server?`,
        retry: 'slowly',
      };
    case 'tlsRefused':
      return refusedByAlert(event, server);
    case 'protocolError':
      return {
        code: 'SERVER_INCOMPATIBLE',
        message: `${server} and this client do not understand each other${reason(event)}.`,
        retry: 'slowly',
      };
    case 'idleTimeout':
      return { code: 'TUNNEL_LOST', message: `${server} does not answer any more.`, retry: 'soon' };
    case 'peerReset':
      return {
        code: 'TUNNEL_LOST',
        message: `${server} does not know this tunnel any more: it has restarted, or this machine slept.`,
        retry: 'soon',
      };
    case 'peerClosed':
      return event.code === connectionRefused
        ? { code: 'SERVER_BUSY', message: `${server} takes no connections at the moment.`, retry: 'soon' }
        : {
            code: 'TUNNEL_CLOSED_BY_SERVER',
            message: `${server} closed the connection${reason(event)}.`,
            retry: 'soon',
          };
    case 'localClosed':
    case 'unauthenticatedTimeout':
    case 'engineFault':
      return {
        code: 'CLIENT_ENGINE_FAILED',
        message: `The connection to ${server} ended here (${event.cause})${reason(event)}.`,
        retry: 'soon',
      };
  }
}

function refusedByAlert(event: ConnectionClosed, server: string): ClientFailure {
  const verdict = certificateAlerts.get((event.code ?? 0) - cryptoError);
  if (verdict === undefined) {
    return {
      code: 'SERVER_INCOMPATIBLE',
      message: `${server} refused the TLS handshake${reason(event)}.`,
      retry: 'slowly',
    };
  }
  return {
    code: 'SERVER_REFUSED_CERTIFICATE',
    message: `${server} says that this profile’s certificate ${verdict}. Ask the server’s owner for a new profile.`,
    retry: 'never',
  };
}

function reason(event: ConnectionClosed): string {
  return event.reason === '' ? '' : `: ${event.reason}`;
}
