import type { Command } from 'commander';
import { commandFailed, type CommandResult, done } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import type { CommandContext } from '../commands/commandContext.js';
import type { World } from '../world.js';
import type { AdminApi } from './adminApi.js';

interface AdminFlags {
  readonly socket?: string;
  readonly json?: true;
  readonly yes?: true;
}

/** What a command of `masque-vpn admin` works with. */
export interface AdminTools {
  readonly api: AdminApi;
  readonly world: World;
  /** Prints an answer of the server: as it is with `--json`, else as `text` makes it. */
  readonly print: <T>(value: T, text: (value: T) => string) => void;
  /**
   * Asks before what cannot be undone; the question ends with "?". Fails with CLI_CONFIRMATION_MISSING where nobody
   * says yes; `--yes` is one.
   */
  readonly confirm: (question: string) => Promise<CommandResult>;
}

/** Runs `work` against the server of `--socket`; what it needs is loaded only now. */
export async function withAdminApi(
  { world, run }: CommandContext,
  command: Command,
  work: (tools: AdminTools) => Promise<CommandResult>,
): Promise<void> {
  const flags = command.optsWithGlobals<AdminFlags>();
  const json = flags.json === true;
  await run(json, async () => {
    const { AdminApi } = await import('./adminApi.js');
    const { defaultAdminSocket } = await import('./socketPath.js');
    return work({
      api: new AdminApi(flags.socket ?? defaultAdminSocket(world)),
      world,
      print: (value, text) => world.out.write(json ? `${JSON.stringify(value)}\n` : text(value)),
      confirm: async (question) => (flags.yes === true ? done : confirmed(question, world)),
    });
  });
}

async function confirmed(question: string, { input }: World): Promise<CommandResult> {
  const refuse = (message: string): CommandResult =>
    commandFailed('CLI_CONFIRMATION_MISSING', message, exitCodes.usage);
  if (!input.isTerminal) return refuse(`${question} Nobody is here to ask: say so with --yes.`);
  const answer = await input.ask(`${question} [y/N] `, { secret: false });
  return /^y(?:es)?$/i.test(answer?.trim() ?? '') ? done : refuse('Nothing was changed.');
}
