import { Command } from 'commander';
import { withAdminApi } from '../../admin/adminContext.js';
import { type CommandContext, withJson } from '../commandContext.js';

/** `masque-vpn admin status` */
export function serverStatusCommand(context: CommandContext): Command {
  const command = new Command('status').description('Show how the server is.').action(async () => {
    await withAdminApi(context, command, async (tools) => {
      const { showServerStatus } = await import('../../admin/serverStatus.js');
      return showServerStatus(tools);
    });
  });
  return withJson(command);
}
