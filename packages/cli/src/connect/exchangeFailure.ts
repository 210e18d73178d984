import { clientFailureCodes, type ExchangeFailure } from '@masque-vpn/client/enrolment';
import type { CommandFailure } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import { clientExit } from './clientExit.js';

/** A failed exchange with a server's public port as a failed command. */
export function exchangeFailure({ code, message, status }: ExchangeFailure): {
  readonly ok: false;
  readonly error: CommandFailure;
} {
  const ours = clientFailureCodes.find((known) => known === code);
  const exit = status === null && ours !== undefined ? clientExit(ours) : exitCodes.refused;
  return { ok: false, error: { code, message, exit } };
}
