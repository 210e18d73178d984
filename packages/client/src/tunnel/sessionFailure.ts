import type { EngineError, EngineEvent } from '@masque-vpn/engine';
import type { HostError } from '@masque-vpn/host';
import type { SessionAbort } from '@masque-vpn/protocol';
import type { ClientFailure, ClientFailureCode, Retry } from '../failure.js';

type SessionClosed = Extract<EngineEvent, { readonly type: 'sessionClosed' }>;

/** H3_REQUEST_REJECTED (RFC 9114 §8.1). */
const requestRejected = 0x010b;

/** Why a session ended on a connection that stands. */
export function sessionFailure({ cause, code }: SessionClosed, server: string): ClientFailure {
  switch (cause) {
    case 'peerFinished':
      return { code: 'TUNNEL_CLOSED_BY_SERVER', message: `${server} ended the tunnel.`, retry: 'soon' };
    case 'peerReset':
      return code === requestRejected
        ? { code: 'SERVER_BUSY', message: `${server} takes no new tunnels at the moment.`, retry: 'soon' }
        : {
            code: 'TUNNEL_CLOSED_BY_SERVER',
            message: `${server} broke the tunnel off${errorNumber(code)}.`,
            retry: 'soon',
          };
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

const engineMeanings: Partial<Record<EngineError['code'], readonly [ClientFailureCode, Retry]>> = {
  ENGINE_PERMISSION_DENIED: ['CLIENT_PERMISSION_DENIED', 'never'],
  ENGINE_TUN_MISSING: ['CLIENT_TUN_MISSING', 'never'],
  ENGINE_TUN_BUSY: ['CLIENT_TUN_BUSY', 'never'],
  ENGINE_INVALID_CERTIFICATE: ['PROFILE_CERTIFICATE_INVALID', 'never'],
  ENGINE_MISSING: ['CLIENT_ENGINE_FAILED', 'never'],
  ENGINE_INVALID_ARGUMENT: ['CLIENT_ENGINE_FAILED', 'never'],
};

/** What a failure of the engine means for this client. */
export function engineFailure(error: EngineError): ClientFailure {
  const [code, retry] = engineMeanings[error.code] ?? (['CLIENT_ENGINE_FAILED', 'soon'] as const);
  return { code, message: `${error.message} (${error.code}).`, retry };
}

const hostMeanings: Partial<Record<HostError['code'], readonly [ClientFailureCode, Retry]>> = {
  HOST_PERMISSION_DENIED: ['CLIENT_PERMISSION_DENIED', 'never'],
  HOST_BUSY: ['CLIENT_ALREADY_RUNNING', 'never'],
  HOST_TOOL_MISSING: ['CLIENT_NETWORK_FAILED', 'never'],
  HOST_JOURNAL_FAILED: ['CLIENT_STATE_UNUSABLE', 'never'],
};

/** What a failure of the operating system means for this client. */
export function hostFailure(error: HostError): ClientFailure {
  const [code, retry] = hostMeanings[error.code] ?? (['CLIENT_NETWORK_FAILED', 'soon'] as const);
  return { code, message: `${error.message} (${error.code}).`, retry };
}

function errorNumber(code: number | null): string {
  return code === null ? '' : ` (error 0x${code.toString(16)})`;
}
