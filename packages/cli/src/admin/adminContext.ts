import type { Command } from 'commander';
import type { CommandResult } from '../commandResult.js';
import type { CommandContext } from '../commands/commandContext.js';
import type { World } from '../world.js';
import type { AdminApi } from './adminApi.js';

interface AdminFlags {
  readonly socket?: string;
  readonly json?: true;
}

/** What a command of `masque-vpn admin` works with. */
export interface AdminTools {
  readonly api: AdminApi;
  readonly world: World;
  /** Prints an answer of the server: as it is with `--json`, else as `text` makes it. */
  readonly print: <T>(value: T, text: (value: T) => string) => void;
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
    });
  });
}
