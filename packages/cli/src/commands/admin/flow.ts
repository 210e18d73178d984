import type { Command } from 'commander';
import type { FlowFlags } from '../../admin/flows.js';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';
import { withLimit } from './limitOption.js';

/** `masque-vpn admin flow …` */
export function flowCommand(context: CommandContext): Command {
  return branch('flow', 'What clients do, and what is refused to them: samples of the last minutes.', [
    leaf<FlowFlags>(context, {
      name: 'list',
      description: 'List sampled flows, the latest first.',
      define: (command) => {
        withLimit(
          command
            .option('--refused', 'only what was refused, and by which rule')
            .option('--client <name>', 'only of this client'),
        );
      },
      examples: ['sudo masque-vpn admin flow list --refused --client alice'],
      run: async (tools, flags) => {
        const { listFlows } = await import('../../admin/flows.js');
        return listFlows(flags, tools);
      },
    }),
  ]);
}
