import type { Command } from 'commander';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';

/** `masque-vpn admin client network …` — networks behind a client. */
export function prefixCommand(context: CommandContext): Command {
  return branch('network', 'Networks behind a client that it may lead to (site to site).', [
    leaf<object, [string, string]>(context, {
      name: 'add',
      description: 'Let a client lead to a network behind it, once it advertises it.',
      define: (command) => command.argument('<client>').argument('<prefix>', 'like 10.20.0.0/16'),
      examples: ['sudo masque-vpn admin client network add office 10.20.0.0/16'],
      run: async (tools, _flags, client, prefix) => {
        const { addPrefix } = await import('../../admin/prefixes.js');
        return addPrefix(client, prefix, tools);
      },
    }),
    leaf<object, [string]>(context, {
      name: 'list',
      description: 'List the networks that a client may lead to.',
      define: (command) => command.argument('<client>'),
      run: async (tools, _flags, client) => {
        const { listPrefixes } = await import('../../admin/prefixes.js');
        return listPrefixes(client, tools);
      },
    }),
    leaf<object, [string, string]>(context, {
      name: 'delete',
      description: 'Take a network from a client; packets there are refused at once.',
      define: (command) => command.argument('<client>').argument('<prefix>'),
      run: async (tools, _flags, client, prefix) => {
        const { deletePrefix } = await import('../../admin/prefixes.js');
        return deletePrefix(client, prefix, tools);
      },
    }),
  ]);
}
