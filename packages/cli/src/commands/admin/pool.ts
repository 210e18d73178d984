import type { Command } from 'commander';
import type { LeaseFlags } from '../../admin/pools.js';
import { argument, means, type Parsed, wrong } from '../../input/parsed.js';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';

/** `masque-vpn admin pool …` */
export function poolCommand(context: CommandContext): Command {
  return branch('pool', 'Inner addresses for clients.', [
    leaf(context, {
      name: 'list',
      description: 'List the pools, and how much of them is used.',
      run: async (tools) => {
        const { listPools } = await import('../../admin/pools.js');
        return listPools(tools);
      },
    }),
    leaf<LeaseFlags>(context, {
      name: 'leases',
      description: 'List who has which address, or had it last.',
      define: (command) =>
        command
          .option('--client <name>', 'only of this client')
          .option('--state <state>', 'leased, quarantined or free', argument(parseState)),
      run: async (tools, flags) => {
        const { listLeases } = await import('../../admin/pools.js');
        return listLeases(flags, tools);
      },
    }),
    leaf<object, [string]>(context, {
      name: 'release',
      description: 'End the quarantine of an address that a client left: any client may get it.',
      define: (command) => command.argument('<address>'),
      run: async (tools, _flags, address) => {
        const { releaseAddress } = await import('../../admin/pools.js');
        return releaseAddress(address, tools);
      },
    }),
  ]);
}

function parseState(text: string): Parsed<string> {
  return ['leased', 'quarantined', 'free'].includes(text)
    ? means(text)
    : wrong('must be leased, quarantined or free');
}
