import type { Command } from 'commander';
import type { ForwardFlags } from '../../admin/forwards.js';
import { parsePort, parsePrefixText } from '../../input/network.js';
import { argument, listOf, means, type Parsed, wrong } from '../../input/parsed.js';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';

/** `masque-vpn admin forward …` */
export function forwardCommand(context: CommandContext): Command {
  return branch('forward', 'Ports of the server’s public addresses that lead to clients.', [
    leaf<ForwardFlags, [number, string, number | undefined]>(context, {
      name: 'add',
      description: 'Lead a public port to a client.',
      define: (command) =>
        command
          .argument('<port>', 'of the server', argument(parsePort))
          .argument('<client>')
          .argument('[client-port]', 'default: the same', argument(parsePort))
          .option('--proto <protocol>', 'tcp or udp', argument(parseTransport), 'tcp')
          .option(
            '--source <prefixes>',
            'who may use it; default: everybody',
            argument(listOf(parsePrefixText)),
          )
          .option('--note <text>', 'what it is for'),
      examples: ['sudo masque-vpn admin forward add 8022 nas 22 --source 198.51.100.0/24'],
      run: async (tools, flags, port, client, clientPort = port) => {
        const { addForward } = await import('../../admin/forwards.js');
        return addForward(port, client, clientPort, flags, tools);
      },
    }),
    leaf(context, {
      name: 'list',
      description: 'List all forwards.',
      run: async (tools) => {
        const { listForwards } = await import('../../admin/forwards.js');
        return listForwards(tools);
      },
    }),
    ...[true, false].map((enabled) =>
      leaf<object, [string]>(context, {
        name: enabled ? 'enable' : 'disable',
        description: enabled ? 'Let a forward lead to its client again.' : 'Let a forward lead nowhere.',
        define: withForward,
        run: async (tools, _flags, forward) => {
          const { enableForward } = await import('../../admin/forwards.js');
          return enableForward(forward, enabled, tools);
        },
      }),
    ),
    leaf<object, [string]>(context, {
      name: 'delete',
      description: 'Delete a forward.',
      define: withForward,
      run: async (tools, _flags, forward) => {
        const { deleteForward } = await import('../../admin/forwards.js');
        return deleteForward(forward, tools);
      },
    }),
  ]);
}

function withForward(command: Command): void {
  command.argument('<port>', 'the public port, with /tcp or /udp where both are forwarded');
}

function parseTransport(text: string): Parsed<'tcp' | 'udp'> {
  return text === 'tcp' || text === 'udp' ? means(text) : wrong('must be tcp or udp');
}
