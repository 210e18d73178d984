import type { Command } from 'commander';
import type { HistoryFlags, SessionFlags } from '../../admin/sessions.js';
import { parsePast } from '../../input/moment.js';
import { argument } from '../../input/parsed.js';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';
import { withLimit } from './limitOption.js';

/** `masque-vpn admin session …` */
export function sessionCommand(context: CommandContext): Command {
  return branch('session', 'Who is connected, and who was.', [
    leaf<SessionFlags>(context, {
      name: 'list',
      description: 'List the open sessions of this server.',
      define: (command) => command.option('--client <name>', 'only of this client'),
      run: async (tools, flags) => {
        const { listSessions } = await import('../../admin/sessions.js');
        return listSessions(flags, tools);
      },
    }),
    leaf<HistoryFlags>(context, {
      name: 'history',
      description: 'List sessions and refused requests, the newest first.',
      define: (command) => {
        withLimit(
          command
            .option('--client <name>', 'only of this client, also one that was deleted')
            .option('--refused', 'only requests that got no session')
            .option('--cause <code>', 'only those that ended so; see docs/errors.md')
            .option('--since <time>', 'only those that began since: 24h, 2026-01-31', argument(parsePast)),
        );
      },
      examples: ['sudo masque-vpn admin session history --client alice --since 7d'],
      run: async (tools, flags) => {
        const { listPastSessions } = await import('../../admin/sessions.js');
        return listPastSessions(flags, tools);
      },
    }),
    leaf<object, [string]>(context, {
      name: 'show',
      description: 'Show one session, open or past.',
      define: (command) => command.argument('<id>'),
      run: async (tools, _flags, id) => {
        const { showSession } = await import('../../admin/sessions.js');
        return showSession(id, tools);
      },
    }),
    leaf<object, [string]>(context, {
      name: 'disconnect',
      description: 'End a session; its client may come back at once.',
      define: (command) => command.argument('<id>'),
      run: async (tools, _flags, id) => {
        const { disconnectSession } = await import('../../admin/sessions.js');
        return disconnectSession(id, tools);
      },
    }),
  ]);
}
