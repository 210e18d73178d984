import type { EngineEvent } from '@masque-vpn/engine';
import type { SessionAbort } from '@masque-vpn/protocol';
import type { ClientFailure } from '../failure.js';

type SessionClosed = Extract<EngineEvent, { readonly type: 'sessionClosed' }>;

/** H3_REQUEST_REJECTED (RFC 9114 §8.1). */
const requestRejected = 0x010b;
/** H3_REQUEST_CANCELLED: how a proxy ends a tunnel that it does not want any more (CIP-1307). */
const requestCancelled = 0x010c;

/** Why a session ended on a connection that stands. */
export function sessionFailure({ cause, code }: SessionClosed, server: string): ClientFailure {
  switch (cause) {
    case 'peerFinished':
      return { code: 'TUNNEL_CLOSED_BY_SERVER', message: `${server} ended the tunnel.`, retry: 'soon' };
    case 'peerReset':
      return resetFailure(code, server);
    case 'peerMalformed':
    case 'peerExcessive':
      return {
        code: 'TUNNEL_PROTOCOL_ERROR',
        message: `${server} broke the rules of the protocol${errorNumber(code)}.`,
        retry: 'slowly',
      };
    case 'mtuTooSmall':
      return {
        code: 'TUNNEL_MTU_TOO_SMALL',
        message: `The network to ${server} cannot carry packets that are large enough for IPv6 in the tunnel (1280 bytes).`,
        retry: 'slowly',
      };
    case 'connectionClosed':
      return { code: 'TUNNEL_LOST', message: `The connection to ${server} is lost.`, retry: 'soon' };
    case 'localFinished':
    case 'localAborted':
    case 'engineFault':
      return { code: 'CLIENT_ENGINE_FAILED', message: `The tunnel ended here (${cause}).`, retry: 'soon' };
  }
}

function resetFailure(code: number | null, server: string): ClientFailure {
  switch (code) {
    case requestRejected:
      return { code: 'SERVER_BUSY', message: `${server} takes no new tunnels at the moment.`, retry: 'soon' };
    case requestCancelled:
      return {
        code: 'TUNNEL_CLOSED_BY_SERVER',
        message: `${server} ended the tunnel: this client was disabled or removed there, or is connected anew.`,
        retry: 'soon',
      };
    default:
      return {
        code: 'TUNNEL_CLOSED_BY_SERVER',
        message: `${server} broke the tunnel off${errorNumber(code)}.`,
        retry: 'soon',
      };
  }
}

/** Why this side broke a session off. */
export function abortFailure(abort: SessionAbort, server: string): ClientFailure {
  switch (abort.code) {
    case 'SESSION_ADDRESS_TIMEOUT':
      return { code: 'TUNNEL_NO_ADDRESS', message: `${server} assigned no address in time.`, retry: 'soon' };
    case 'SESSION_ADDRESS_REFUSED':
      return {
        code: 'TUNNEL_NO_ADDRESS',
        message: `${server} refused to assign an address.`,
        retry: 'slowly',
      };
    default:
      return {
        code: 'TUNNEL_PROTOCOL_ERROR',
        message: `${server} sent something that cannot be used: ${abort.message} (${abort.rule}).`,
        retry: 'slowly',
      };
  }
}

function errorNumber(code: number | null): string {
  return code === null ? '' : ` (error 0x${code.toString(16)})`;
}
