import type { ClientFailureCode } from '@masque-vpn/client/enrolment';
import { exitCodes, type ExitCode } from '../exitCode.js';

/** The exit code for what ended a client. */
export function clientExit(code: ClientFailureCode): ExitCode {
  if (code.startsWith('PROFILE_') || code === 'SERVER_FINGERPRINT_MISMATCH') return exitCodes.usage;
  switch (code) {
    case 'SERVER_REFUSED_CERTIFICATE':
    case 'SERVER_REFUSED_IDENTITY':
    case 'SERVER_REFUSED_CLIENT':
    case 'SERVER_PATH_UNKNOWN':
    case 'SERVER_BUSY':
      return exitCodes.refused;
    case 'CLIENT_PERMISSION_DENIED':
      return exitCodes.permission;
    case 'SERVER_UNREACHABLE':
    case 'SERVER_NAME_UNRESOLVED':
      return exitCodes.notRunning;
    default:
      return exitCodes.failure;
  }
}
