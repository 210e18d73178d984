import { Command } from 'commander';
import type { StatusFlags } from '../status/showStatus.js';
import { type CommandContext, withExamples, withJson } from './commandContext.js';

/** `masque-vpn status` — the clients and the server that run on this machine. */
export function statusCommand({ world, run }: CommandContext): Command {
  const command = new Command('status')
    .description('Show the clients and the server that run on this machine.')
    .option(
      '--runtime-dir <dir>',
      'where the clients’ status sockets are; default: /run/masque-vpn-client for root',
    )
    .option(
      '--socket <path>',
      'the server’s administration socket; default: /run/masque-vpn/admin.sock for root',
    )
    .action(async (flags: StatusFlags) => {
      await run(flags.json === true, async () => {
        const { showStatus } = await import('../status/showStatus.js');
        return showStatus(flags, world);
      });
    });
  return withExamples(withJson(command), 'masque-vpn status', 'masque-vpn status --json');
}
