import type { Command } from 'commander';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';

/** `masque-vpn admin ca …` */
export function authorityCommand(context: CommandContext): Command {
  return branch('ca', 'The certificate authority.', [
    leaf(context, {
      name: 'show',
      description: 'Show the authorities, and what each is still needed for.',
      run: async (tools) => {
        const { showAuthorities } = await import('../../admin/authorities.js');
        return showAuthorities(tools);
      },
    }),
    leaf(context, {
      name: 'rollover',
      description: 'Make a new authority; the old one is trusted until it is retired.',
      confirms: true,
      run: async (tools) => {
        const { rollover } = await import('../../admin/authorities.js');
        return rollover(tools);
      },
    }),
    leaf<object, [string]>(context, {
      name: 'retire',
      description: 'Trust an old authority no longer.',
      confirms: true,
      define: (command) => command.argument('<sha256>'),
      run: async (tools, _flags, sha256) => {
        const { retireAuthority } = await import('../../admin/authorities.js');
        return retireAuthority(sha256, tools);
      },
    }),
  ]);
}
