import type { Command } from 'commander';
import { type Moment, parseFuture } from '../../input/moment.js';
import { argument } from '../../input/parsed.js';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';

/** `masque-vpn admin client token …` */
export function clientTokenCommand(context: CommandContext): Command {
  return branch('token', 'Bearer tokens of clients that cannot present a certificate.', [
    leaf<{ readonly expires?: Moment }, [string]>(context, {
      name: 'add',
      description: 'Make a token; its text is shown this once.',
      define: (command) =>
        command
          .argument('<client>')
          .option('--expires <time>', '90d, 2026-12-31; default: when it is revoked', argument(parseFuture)),
      run: async (tools, flags, client) => {
        const { addClientToken } = await import('../../admin/clientTokens.js');
        return addClientToken(client, flags, tools);
      },
    }),
    leaf<{ readonly client?: string }>(context, {
      name: 'list',
      description: 'List tokens.',
      define: (command) => command.option('--client <name>', 'only of this client'),
      run: async (tools, flags) => {
        const { listClientTokens } = await import('../../admin/clientTokens.js');
        return listClientTokens(flags, tools);
      },
    }),
    leaf<object, [string]>(context, {
      name: 'revoke',
      description: 'Make a token useless.',
      define: (command) => command.argument('<id>'),
      run: async (tools, _flags, id) => {
        const { revokeClientToken } = await import('../../admin/clientTokens.js');
        return revokeClientToken(id, tools);
      },
    }),
  ]);
}
