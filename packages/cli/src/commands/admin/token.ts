import type { Command } from 'commander';
import type { TokenFlags } from '../../admin/tokens.js';
import { parseFuture } from '../../input/moment.js';
import { argument, listOf, means, type Parsed, wrong } from '../../input/parsed.js';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';

/** `masque-vpn admin token …` */
export function tokenCommand(context: CommandContext): Command {
  return branch('token', 'Tokens of programs that use the API.', [
    leaf<TokenFlags, [string]>(context, {
      name: 'add',
      description: 'Make a token; its text is shown this once.',
      define: (command) =>
        command
          .argument('<name>', 'what it is for')
          .requiredOption(
            '-p, --permission <list>',
            'what it may, like clients:read,sessions:read; see docs/authorization.md',
            argument(listOf(parsePermission)),
          )
          .option('--expires <time>', '90d, 2026-12-31; default: when it is revoked', argument(parseFuture)),
      examples: ['sudo masque-vpn admin token add backup-job --permission clients:read --expires 90d'],
      run: async (tools, flags, name) => {
        const { addToken } = await import('../../admin/tokens.js');
        return addToken(name, flags, tools);
      },
    }),
    leaf(context, {
      name: 'list',
      description: 'List all tokens.',
      run: async (tools) => {
        const { listTokens } = await import('../../admin/tokens.js');
        return listTokens(tools);
      },
    }),
    leaf<object, [string]>(context, {
      name: 'revoke',
      description: 'Make a token useless.',
      define: (command) => command.argument('<id>'),
      run: async (tools, _flags, id) => {
        const { revokeToken } = await import('../../admin/tokens.js');
        return revokeToken(id, tools);
      },
    }),
  ]);
}

function parsePermission(text: string): Parsed<string> {
  return /^[a-z]+:(?:read|write)$/.test(text) ? means(text) : wrong('must be permissions like clients:read');
}
