import type { Command } from 'commander';
import type { AdministratorFlags } from '../../admin/administrators.js';
import { argument, means, type Parsed, wrong } from '../../input/parsed.js';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';

const name = '<name>';

/** `masque-vpn admin administrator …` */
export function administratorCommand(context: CommandContext): Command {
  return branch('administrator', 'Who administers this server in the browser.', [
    leaf<AdministratorFlags, [string]>(context, {
      name: 'add',
      description: 'Make somebody an administrator, and print the link with which they choose a password.',
      define: (command) => withRole(command.argument(name)),
      examples: ['sudo masque-vpn admin administrator add carol --role reader'],
      run: async (tools, flags, who) => {
        const { addAdministrator } = await import('../../admin/administrators.js');
        return addAdministrator(who, flags, tools);
      },
    }),
    leaf(context, {
      name: 'list',
      description: 'List all administrators.',
      run: async (tools) => {
        const { listAdministrators } = await import('../../admin/administrators.js');
        return listAdministrators(tools);
      },
    }),
    leaf<AdministratorFlags, [string]>(context, {
      name: 'set',
      description: 'Change the role of an administrator, or turn the second factor off.',
      define: (command) =>
        withRole(command.argument(name)).option('--reset-totp', 'the device with the codes is lost'),
      run: async (tools, flags, who) => {
        const { setAdministrator } = await import('../../admin/administrators.js');
        return setAdministrator(who, flags, tools);
      },
    }),
    ...[true, false].map((enabled) =>
      leaf<object, [string]>(context, {
        name: enabled ? 'enable' : 'disable',
        description: enabled
          ? 'Let an administrator sign in again.'
          : 'Sign an administrator out and keep them out.',
        define: (command) => command.argument(name),
        run: async (tools, _flags, who) => {
          const { setAdministrator } = await import('../../admin/administrators.js');
          return setAdministrator(who, { enabled }, tools);
        },
      }),
    ),
    leaf<object, [string]>(context, {
      name: 'link',
      description: 'Print a link with which an administrator chooses a new password.',
      define: (command) => command.argument(name),
      run: async (tools, _flags, who) => {
        const { linkAdministrator } = await import('../../admin/administrators.js');
        return linkAdministrator(who, tools);
      },
    }),
    leaf<object, [string]>(context, {
      name: 'delete',
      description: 'Delete an administrator with all sessions and tokens.',
      confirms: true,
      define: (command) => command.argument(name),
      run: async (tools, _flags, who) => {
        const { deleteAdministrator } = await import('../../admin/administrators.js');
        return deleteAdministrator(who, tools);
      },
    }),
  ]);
}

function withRole(command: Command): Command {
  return command.option('--role <role>', 'owner, operator or reader', argument(parseRole));
}

function parseRole(text: string): Parsed<string> {
  return ['owner', 'operator', 'reader'].includes(text)
    ? means(text)
    : wrong('must be owner (may do all), operator (runs the VPN) or reader (looks)');
}
