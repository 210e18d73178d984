import type { Command } from 'commander';
import type { LogFlags } from '../../admin/logs.js';
import type { CommandContext } from '../commandContext.js';
import { leaf } from './leaf.js';
import { withLimit } from './limitOption.js';

/** `masque-vpn admin log` */
export function logCommand(context: CommandContext): Command {
  return leaf<LogFlags>(context, {
    name: 'log',
    description: 'Show the last lines of the server’s log.',
    define: (command) => {
      withLimit(
        command
          .option('--level <level>', 'this and worse: debug, info, warn, error')
          .option('--client <name>', 'only about this client')
          .option('--session <id>', 'only about this session')
          .option('--search <text>', 'only lines with this'),
      );
    },
    examples: ['sudo masque-vpn admin log --level warn --client alice'],
    run: async (tools, flags) => {
      const { showLog } = await import('../../admin/logs.js');
      return showLog(flags, tools);
    },
  });
}
