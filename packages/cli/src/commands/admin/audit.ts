import type { Command } from 'commander';
import type { AuditFlags } from '../../admin/audit.js';
import { parsePast } from '../../input/moment.js';
import { argument } from '../../input/parsed.js';
import type { CommandContext } from '../commandContext.js';
import { leaf } from './leaf.js';
import { withLimit } from './limitOption.js';

/** `masque-vpn admin audit` */
export function auditCommand(context: CommandContext): Command {
  return leaf<AuditFlags>(context, {
    name: 'audit',
    description: 'Show who did what, the newest first.',
    define: (command) => {
      withLimit(
        command
          .option('--actor <name>', 'only what this one did')
          .option('--action <action>', 'like client.update, or client. for all about clients')
          .option('--target <id>', 'only what was done to this')
          .option('--since <time>', 'only since: 24h, 2026-01-31', argument(parsePast)),
      );
    },
    examples: ['sudo masque-vpn admin audit --target alice --since 30d'],
    run: async (tools, flags) => {
      const { showAudit } = await import('../../admin/audit.js');
      return showAudit(flags, tools);
    },
  });
}
