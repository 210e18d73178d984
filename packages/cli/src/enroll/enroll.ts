import { resolve } from 'node:path';
import {
  enrol,
  type Enrolled,
  type EnrolmentTools,
  systemClock,
  systemResolve,
} from '@masque-vpn/client/enrolment';
import { ProfileDraft } from '@masque-vpn/client/profile';
import { type CommandResult, done } from '../commandResult.js';
import { exchangeFailure } from '../connect/exchangeFailure.js';
import { exitCodes } from '../exitCode.js';
import { duration, instant } from '../output/units.js';
import type { World } from '../world.js';
import { readLink } from './linkArgument.js';

/** Flags of `masque-vpn enroll`. */
export interface EnrollFlags {
  readonly out?: string;
  readonly force?: true;
  readonly json?: true;
}

/** What enrolment and renewal take from this machine. */
export const systemEnrolment: EnrolmentTools = { resolve: systemResolve, clock: systemClock };

/** A clock that is further off than this is worth a word: certificates begin an hour back at most. */
const tolerableSkewMs = 300_000;
/** How often another name is tried where the profile's usual one is taken. */
const mostNames = 100;

/** `masque-vpn enroll [LINK]`; `tools` are replaced in tests. */
export async function enroll(
  argument: string | null,
  flags: EnrollFlags,
  world: World,
  tools: EnrolmentTools = systemEnrolment,
): Promise<CommandResult> {
  const enrolled = await redeem(argument, flags, world, tools);
  if (!enrolled.ok) return enrolled;
  const { path, profile, notAfterMs } = enrolled.value;
  if (flags.json === true) {
    const { client, url } = profile;
    world.out.write(`${JSON.stringify({ client, profile: path, url, notAfterMs })}\n`);
  } else {
    world.out.write(nextStep(enrolled.value));
  }
  return done;
}

/** A link that became a profile in a file. */
export interface RedeemedLink extends Enrolled {
  readonly path: string;
}

/**
 * Redeems a link and writes the profile. The place is made sure of before: no link is used up whose key would then be
 * lost. A clock that is off is named on standard error.
 */
export async function redeem(
  argument: string | null,
  flags: Pick<EnrollFlags, 'out' | 'force'>,
  world: World,
  tools: EnrolmentTools,
): Promise<CommandResult<RedeemedLink>> {
  const link = await readLink(argument, world);
  if (!link.ok) return link;
  const replace = flags.force === true;
  const place = flags.out === undefined ? null : resolve(flags.out);
  const opened =
    place === null
      ? await ProfileDraft.in(resolve('.'), { replace })
      : await ProfileDraft.at(place, { replace });
  if (!opened.ok) return { ok: false, error: { ...opened.error, exit: exitCodes.usage } };
  await using draft = opened.value;
  const outcome = await enrol(link.value, tools, world.untilSignal());
  if (!outcome.ok) return exchangeFailure(outcome.error);
  const path = await write(draft, place, outcome.value);
  if (!path.ok) return path;
  const skew = outcome.value.clockAheadMs;
  if (Math.abs(skew) > tolerableSkewMs) {
    const direction = skew > 0 ? 'ahead of' : 'behind';
    world.err.write(
      `masque-vpn: this machine’s clock is ${duration(Math.abs(skew))} ${direction} the server’s: set it, or connecting may fail.\n`,
    );
  }
  return { ok: true, value: { ...outcome.value, path: path.value } };
}

/** Writes to `place`, or to the first free of `alice.toml`, `alice-2.toml` …: the link is used up by now. */
async function write(
  draft: ProfileDraft,
  place: string | null,
  { profile }: Enrolled,
): Promise<CommandResult<string>> {
  for (let number = 1; ; number += 1) {
    const path =
      place ?? resolve(number === 1 ? `${profile.client}.toml` : `${profile.client}-${number}.toml`);
    const written = await draft.write(path, profile);
    if (written.ok) return { ok: true, value: path };
    if (place === null && written.error.code === 'PROFILE_EXISTS' && number < mostNames) continue;
    const message = `${written.error.message} The link is used up: ask for another one.`;
    return { ok: false, error: { code: written.error.code, message, exit: exitCodes.failure } };
  }
}

function nextStep({ profile, path, notAfterMs }: RedeemedLink): string {
  const { client, url } = profile;
  return [
    `${client} may connect to ${new URL(url.replaceAll(/[{}]/g, '')).host}.`,
    `Its profile, with the only copy of its private key, is ${path}.`,
    `Its certificate is good until ${instant(notAfterMs)}, and renews itself while the client runs.`,
    '',
    'Connect this machine:',
    `  sudo masque-vpn connect ${path}`,
    '',
  ].join('\n');
}
