import type { EngineError } from '@masque-vpn/engine';
import type { HostError } from '@masque-vpn/host';
import type { ClientFailure, ClientFailureCode, Retry } from './failure.js';

const engineMeanings: Partial<Record<EngineError['code'], readonly [ClientFailureCode, Retry]>> = {
  ENGINE_ADDRESS_UNAVAILABLE: ['SERVER_UNREACHABLE', 'soon'],
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
