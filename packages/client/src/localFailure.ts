import type { EngineError } from '@masque-vpn/engine';
import type { HostError } from '@masque-vpn/host';
import type { ClientFailure, ClientFailureCode, Retry } from './failure.js';

interface Meaning {
  readonly code: ClientFailureCode;
  readonly retry: Retry;
  /** What to do about it, where the reason alone does not say. */
  readonly advice?: string;
}

const rights = 'Creating and configuring a tunnel needs root or CAP_NET_ADMIN';

const engineMeanings: Partial<Record<EngineError['code'], Meaning>> = {
  ENGINE_ADDRESS_UNAVAILABLE: { code: 'SERVER_UNREACHABLE', retry: 'soon' },
  ENGINE_PERMISSION_DENIED: { code: 'CLIENT_PERMISSION_DENIED', retry: 'never', advice: rights },
  ENGINE_TUN_MISSING: {
    code: 'CLIENT_TUN_MISSING',
    retry: 'never',
    advice: 'In a container, give it the device /dev/net/tun',
  },
  ENGINE_TUN_BUSY: {
    code: 'CLIENT_TUN_BUSY',
    retry: 'never',
    advice: 'Another program uses this interface: end it, or choose another tunnel.name in the profile',
  },
  ENGINE_INVALID_CERTIFICATE: {
    code: 'PROFILE_CERTIFICATE_INVALID',
    retry: 'never',
    advice: 'Ask for a new profile',
  },
  ENGINE_MISSING: { code: 'CLIENT_ENGINE_FAILED', retry: 'never' },
  ENGINE_INVALID_ARGUMENT: { code: 'CLIENT_ENGINE_FAILED', retry: 'never' },
};

const hostMeanings: Partial<Record<HostError['code'], Meaning>> = {
  HOST_PERMISSION_DENIED: { code: 'CLIENT_PERMISSION_DENIED', retry: 'never', advice: rights },
  HOST_BUSY: { code: 'CLIENT_ALREADY_RUNNING', retry: 'never' },
  HOST_TOOL_MISSING: { code: 'CLIENT_NETWORK_FAILED', retry: 'never' },
  HOST_JOURNAL_FAILED: {
    code: 'CLIENT_STATE_UNUSABLE',
    retry: 'never',
    advice: 'Choose another place with --state-dir',
  },
};

/** What a failure of the engine means for this client. */
export function engineFailure(error: EngineError): ClientFailure {
  return explained(
    engineMeanings[error.code] ?? { code: 'CLIENT_ENGINE_FAILED', retry: 'soon' },
    error.message,
  );
}

/** What a failure of the operating system means for this client. */
export function hostFailure(error: HostError): ClientFailure {
  return explained(
    hostMeanings[error.code] ?? { code: 'CLIENT_NETWORK_FAILED', retry: 'soon' },
    error.message,
  );
}

function explained({ code, retry, advice }: Meaning, reason: string): ClientFailure {
  const first = `${reason.charAt(0).toUpperCase()}${reason.slice(1).replace(/\.$/, '')}.`;
  return { code, retry, message: advice === undefined ? first : `${first} ${advice}.` };
}
