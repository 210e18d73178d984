import type { Command } from 'commander';
import type { CommandContext } from '../commandContext.js';
import { leaf } from './leaf.js';

/** `masque-vpn admin status` */
export function serverStatusCommand(context: CommandContext): Command {
  return leaf(context, {
    name: 'status',
    description: 'Show how the server is.',
    run: async (tools) => {
      const { showServerStatus } = await import('../../admin/serverStatus.js');
      return showServerStatus(tools);
    },
  });
}
