import type { Command } from 'commander';
import type { GroupFlags } from '../../admin/groups.js';
import { argument, orInherit } from '../../input/parsed.js';
import { parseRate } from '../../input/quantity.js';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';
import { withLimitOptions } from './limitOptions.js';

/** `masque-vpn admin group …` */
export function groupCommand(context: CommandContext): Command {
  return branch('group', 'Clients that are treated alike.', [
    leaf<GroupFlags, [string]>(context, {
      name: 'add',
      description: 'Create a group.',
      define: withGroupOptions,
      examples: ['sudo masque-vpn admin group add staff --rate-down 100Mbit/s'],
      run: async (tools, flags, name) => {
        const { addGroup } = await import('../../admin/groups.js');
        return addGroup(name, flags, tools);
      },
    }),
    leaf(context, {
      name: 'list',
      description: 'List all groups.',
      run: async (tools) => {
        const { listGroups } = await import('../../admin/groups.js');
        return listGroups(tools);
      },
    }),
    leaf<object, [string]>(context, {
      name: 'show',
      description: 'Show one group.',
      define: (command) => command.argument('<name>'),
      run: async (tools, _flags, name) => {
        const { showGroup } = await import('../../admin/groups.js');
        return showGroup(name, tools);
      },
    }),
    leaf<GroupFlags, [string]>(context, {
      name: 'set',
      description: 'Change a group; what is not named stays. Open sessions follow within a second.',
      define: withGroupOptions,
      examples: ['sudo masque-vpn admin group set staff --quota 1TB --shared-rate-down 1Gbit/s'],
      run: async (tools, flags, name) => {
        const { setGroup } = await import('../../admin/groups.js');
        return setGroup(name, flags, tools);
      },
    }),
    leaf<object, [string]>(context, {
      name: 'delete',
      description: 'Delete a group that no rule names; its members stay clients.',
      confirms: true,
      define: (command) => command.argument('<name>'),
      run: async (tools, _flags, name) => {
        const { deleteGroup } = await import('../../admin/groups.js');
        return deleteGroup(name, tools);
      },
    }),
    memberCommand(context),
  ]);
}

function withGroupOptions(command: Command): void {
  withLimitOptions(
    command
      .argument('<name>', '1 to 63 of the characters a-z, 0-9 and "-"')
      .option('--display-name <text>', 'shown beside the name')
      .option('--note <text>', 'for administrators; "" removes it')
      .option('--claim <value>', 'of OIDC: people with it belong to the group; "" for none')
      .option('--shared-rate-up <rate>', 'from all members together', argument(orInherit(parseRate)))
      .option('--shared-rate-down <rate>', 'to all members together', argument(orInherit(parseRate))),
  );
}

function memberCommand(context: CommandContext): Command {
  return branch('member', 'Who is in a group.', [
    leaf<object, [string]>(context, {
      name: 'list',
      description: 'List the members of a group.',
      define: (command) => command.argument('<group>'),
      run: async (tools, _flags, group) => {
        const { listMembers } = await import('../../admin/groups.js');
        return listMembers(group, tools);
      },
    }),
    ...(['add', 'remove'] as const).map((verb) =>
      leaf<object, [string, readonly string[]]>(context, {
        name: verb,
        description: verb === 'add' ? 'Put clients into a group.' : 'Take clients out of a group.',
        define: (command) => command.argument('<group>').argument('<client...>'),
        examples: [`sudo masque-vpn admin group member ${verb} staff alice bob`],
        run: async (tools, _flags, group, clients) => {
          const { changeMembers } = await import('../../admin/groups.js');
          return changeMembers(group, clients, verb, tools);
        },
      }),
    ),
  ]);
}
