import {
  readProfile,
  runClient,
  type ClientFailure,
  type ClientStatus,
  type ClientTools,
} from '@masque-vpn/client';
import { clientDirectories } from '@masque-vpn/client';
import { type CommandResult, done } from '../commandResult.js';
import { isLink } from '../enroll/linkArgument.js';
import { exitCodes } from '../exitCode.js';
import { bytes, duration } from '../output/units.js';
import type { World } from '../world.js';
import { clientExit } from './clientExit.js';
import { logger } from './logger.js';
import { LiveLine } from './liveLine.js';
import { systemTools } from './systemTools.js';

/** Flags of `masque-vpn connect`. */
export interface ConnectFlags {
  readonly verbose?: true;
  readonly json?: true;
  readonly once?: true;
  /** With a link: the profile to write. */
  readonly out?: string;
  readonly stateDir?: string;
  readonly runtimeDir?: string;
}

/** `masque-vpn connect PROFILE|LINK`; `tools` are replaced in tests. */
export async function connect(
  argument: string,
  flags: ConnectFlags,
  world: World,
  tools: Omit<ClientTools, 'log'> = systemTools,
): Promise<CommandResult> {
  if (!isLink(argument)) return connectProfile(argument, flags, world, tools);
  const { redeem } = await import('../enroll/enroll.js');
  const place = flags.out === undefined ? {} : { out: flags.out };
  const enrolled = await redeem(argument, place, world, tools);
  if (!enrolled.ok) return enrolled;
  const { path } = enrolled.value;
  world.err.write(`The profile is ${path}. From now on connect with: sudo masque-vpn connect ${path}\n`);
  return connectProfile(path, flags, world, tools);
}

async function connectProfile(
  path: string,
  flags: ConnectFlags,
  world: World,
  tools: Omit<ClientTools, 'log'>,
): Promise<CommandResult> {
  const profile = await readProfile(path);
  if (!profile.ok) return { ok: false, error: { ...profile.error, exit: exitCodes.usage } };
  const forPeople = world.out.isTerminal && flags.json !== true;
  using line = forPeople ? new LiveLine(world.out, tools.clock) : null;
  const log = logger(world, { forPeople, verbose: flags.verbose === true, line });
  const defaults = clientDirectories(world);
  const startedAt = tools.clock.now();
  let read: (() => ClientStatus) | null = null;
  const outcome = await runClient(
    {
      profile: profile.value,
      profilePath: path,
      directories: { state: flags.stateDir ?? defaults.state, runtime: flags.runtimeDir ?? defaults.runtime },
      once: flags.once === true,
      signal: world.untilSignal(),
      onStarted: (status) => {
        read = status;
        line?.start(status);
      },
    },
    { ...tools, log },
  );
  line?.[Symbol.dispose]();
  if (!outcome.ok) return { ok: false, error: explained(outcome.error, path) };
  log.info(goodbye(read, tools.clock.now() - startedAt));
  return done;
}

function explained(
  failure: ClientFailure,
  path: string,
): { code: string; message: string; exit: ReturnType<typeof clientExit> } {
  const exit = clientExit(failure.code);
  const advice = exit === exitCodes.permission ? ` Run: sudo masque-vpn connect ${path}` : '';
  return { code: failure.code, message: `${failure.message}${advice}`, exit };
}

function goodbye(read: (() => ClientStatus) | null, ranForMs: number): string {
  if (read === null) return 'ended';
  const { bytesUp, bytesDown } = read();
  return `ended after ${duration(ranForMs)}: ${bytes(bytesDown)} received, ${bytes(bytesUp)} sent`;
}
