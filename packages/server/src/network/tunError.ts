import type { EngineError } from '@masque-vpn/engine';
import type { HostCapabilities } from '@masque-vpn/host';

import type { NetworkError } from './error.js';

/** Why the engine could not open the TUN, with what the host says is missing. */
export function tunError(error: EngineError, can: HostCapabilities): NetworkError {
  const message = [error.message, ...can.missing].join('; ');
  switch (error.code) {
    case 'ENGINE_TUN_MISSING':
      // The host says the same, and more of what to do.
      return { code: 'TUN_MISSING', message: can.tun ? message : can.missing.join('; ') };
    case 'ENGINE_PERMISSION_DENIED':
      return { code: 'TUN_PERMISSION_DENIED', message };
    case 'ENGINE_TUN_BUSY':
      return { code: 'TUN_BUSY', message };
    default:
      return { code: 'TUN_FAILED', message };
  }
}
