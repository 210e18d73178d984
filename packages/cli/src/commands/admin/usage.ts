import type { Command } from 'commander';
import type { UsageFlags } from '../../admin/usage.js';
import type { CommandContext } from '../commandContext.js';
import { leaf } from './leaf.js';

/** `masque-vpn admin usage` */
export function usageCommand(context: CommandContext): Command {
  return leaf<UsageFlags>(context, {
    name: 'usage',
    description: 'Show what clients moved: by month, or of one client by day (UTC).',
    define: (command) =>
      command
        .option('--month <month>', 'like 2026-02; default: this month')
        .option('--client <name>', 'one client, by day')
        .option('--from <day>', 'with --client: first day, like 2026-02-01; default: 31 days ago')
        .option('--to <day>', 'with --client: last day'),
    examples: ['sudo masque-vpn admin usage', 'sudo masque-vpn admin usage --client alice --from 2026-02-01'],
    run: async (tools, flags) => {
      const { showUsage } = await import('../../admin/usage.js');
      return showUsage(flags, tools);
    },
  });
}
