import { type EnrolmentTools, renewNow } from '@masque-vpn/client/enrolment';
import { type CommandResult, done } from '../commandResult.js';
import { exchangeFailure } from '../connect/exchangeFailure.js';
import { instant } from '../output/units.js';
import type { World } from '../world.js';
import { systemEnrolment } from './enroll.js';

/** Flags of `masque-vpn renew`. */
export interface RenewFlags {
  readonly json?: true;
}

/** `masque-vpn renew PROFILE`; `tools` are replaced in tests. */
export async function renew(
  path: string,
  flags: RenewFlags,
  world: World,
  tools: EnrolmentTools = systemEnrolment,
): Promise<CommandResult> {
  const renewed = await renewNow(path, tools, world.untilSignal());
  if (!renewed.ok) return exchangeFailure(renewed.error);
  const { profile, notAfterMs } = renewed.value;
  world.out.write(
    flags.json === true
      ? `${JSON.stringify({ client: profile.client, profile: path, notAfterMs })}\n`
      : `The certificate of ${profile.client} is good until ${instant(notAfterMs)}. A client that runs uses it from its next connection on.\n`,
  );
  return done;
}
