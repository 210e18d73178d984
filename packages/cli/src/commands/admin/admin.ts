import { Command } from 'commander';
import type { CommandContext } from '../commandContext.js';
import { clientCommand } from './client.js';
import { sessionCommand } from './session.js';
import { serverStatusCommand } from './status.js';

/** `masque-vpn admin` — administers the server on this machine. */
export function adminCommand(context: CommandContext): Command {
  return new Command('admin')
    .description('Administer the server on this machine.')
    .option(
      '--socket <path>',
      'the server’s administration socket; default: /run/masque-vpn/admin.sock for root',
    )
    .addCommand(clientCommand(context))
    .addCommand(sessionCommand(context))
    .addCommand(serverStatusCommand(context));
}
