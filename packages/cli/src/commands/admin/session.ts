import { Command } from 'commander';
import { withAdminApi } from '../../admin/adminContext.js';
import { type CommandContext, withJson } from '../commandContext.js';

/** `masque-vpn admin session …` */
export function sessionCommand(context: CommandContext): Command {
  const list = new Command('list').description('List all open sessions.').action(async () => {
    await withAdminApi(context, list, async (tools) => {
      const { listSessions } = await import('../../admin/sessions.js');
      return listSessions(tools);
    });
  });
  return new Command('session').description('Who is connected.').addCommand(withJson(list));
}
