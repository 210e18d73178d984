import type { Command } from 'commander';
import type { AddFlags } from '../../admin/addClient.js';
import type { ListFlags, SetFlags } from '../../admin/clients.js';
import { type Moment, parseFuture } from '../../input/moment.js';
import { parseAddressText } from '../../input/network.js';
import { argument, means, orInherit, type Parsed, repeated } from '../../input/parsed.js';
import { wholeNumber } from '../../input/quantity.js';
import type { CommandContext } from '../commandContext.js';
import { clientTokenCommand } from './clientToken.js';
import { branch, leaf } from './leaf.js';
import { withLimitOptions } from './limitOptions.js';
import { prefixCommand } from './prefix.js';

/** `masque-vpn admin client …` */
export function clientCommand(context: CommandContext): Command {
  return branch('client', 'Who may connect.', [
    add(context),
    list(context),
    show(context),
    set(context),
    change(context, 'enable', true, 'Let a client connect again.'),
    change(context, 'disable', false, 'End a client’s sessions and refuse it until it is enabled.'),
    disconnect(context),
    remove(context),
    prefixCommand(context),
    clientTokenCommand(context),
  ]);
}

const groupName = (text: string): Parsed<string> => means(text);

function add(context: CommandContext): Command {
  return leaf<AddFlags, [string]>(context, {
    name: 'add',
    description: 'Create a client, and write its profile or print a link for it.',
    define: (command) =>
      command
        .argument('<name>', '1 to 63 of the characters a-z, 0-9 and "-"')
        .option('-l, --link', 'print an enrolment link: the client’s machine makes its key itself')
        .option(
          '--hours <number>',
          'life of the link; default: as the settings say',
          argument(wholeNumber(1, 720)),
        )
        .option('--no-qr', 'no QR code of the link')
        .option('-o, --out <file>', 'profile to write, mode 0600; default: ./<name>.toml')
        .option(
          '-g, --group <name>',
          'put it into this group; more than once for several',
          repeated(groupName),
        )
        .option('--display-name <text>', 'shown beside the name')
        .option('--note <text>', 'for administrators')
        .option('--expires <time>', 'refused from then on: 30d, 2026-12-31', argument(parseFuture))
        .option(
          '--host <host>',
          'name or address by which the client reaches the server; default: as configured',
        )
        .option('--address <ip>', 'address to connect to instead of resolving the host'),
    examples: [
      'sudo masque-vpn admin client add alice --link',
      'sudo masque-vpn admin client add alice --link --group staff --hours 2',
      'sudo masque-vpn admin client add alice --host vpn.example.org --out /root/alice.toml',
    ],
    run: async (tools, flags, name) => {
      const { addClient } = await import('../../admin/addClient.js');
      return addClient(name, flags, tools);
    },
  });
}

function list(context: CommandContext): Command {
  return leaf<ListFlags>(context, {
    name: 'list',
    description: 'List clients.',
    define: (command) =>
      command
        .option('-g, --group <name>', 'only members of this group')
        .option('--search <text>', 'only with this in name, display name or note')
        .option('--online', 'only with an open session')
        .option('--disabled', 'only those that are disabled'),
    run: async (tools, flags) => {
      const { listClients } = await import('../../admin/clients.js');
      return listClients(flags, tools);
    },
  });
}

function show(context: CommandContext): Command {
  return leaf<object, [string]>(context, {
    name: 'show',
    description: 'Show one client.',
    define: (command) => command.argument('<name>'),
    run: async (tools, _flags, name) => {
      const { showClient } = await import('../../admin/clients.js');
      return showClient(name, tools);
    },
  });
}

function set(context: CommandContext): Command {
  return leaf<SetFlags, [string]>(context, {
    name: 'set',
    description: 'Change a client; what is not named stays. Open sessions follow within a second.',
    define: (command) =>
      withLimitOptions(
        command
          .argument('<name>')
          .option('--display-name <text>', 'shown beside the name')
          .option('--note <text>', 'for administrators; "" removes it')
          .option(
            '--expires <time>',
            'refused from then on: 30d, 2026-12-31; never',
            argument<Moment | 'never'>(parseExpiry),
          )
          .option('-g, --group <name>', 'the groups it is in from now on; once for each', repeated(groupName))
          .option(
            '--ipv4 <address>',
            'the inner address it always gets',
            argument(orInherit(parseAddressText)),
          )
          .option('--ipv6 <address>', 'the same for IPv6', argument(orInherit(parseAddressText))),
      ),
    examples: [
      'sudo masque-vpn admin client set alice --rate-down 50Mbit/s --quota 500GB',
      'sudo masque-vpn admin client set alice --group staff --group printers',
      'sudo masque-vpn admin client set alice --rate-down inherit --expires never',
    ],
    run: async (tools, flags, name) => {
      const { setClient } = await import('../../admin/clients.js');
      return setClient(name, flags, tools);
    },
  });
}

function change(context: CommandContext, verb: string, enabled: boolean, description: string): Command {
  return leaf<object, [string]>(context, {
    name: verb,
    description,
    define: (command) => command.argument('<name>'),
    run: async (tools, _flags, name) => {
      const { setEnabled } = await import('../../admin/clients.js');
      return setEnabled(name, enabled, tools);
    },
  });
}

function disconnect(context: CommandContext): Command {
  return leaf<object, [string]>(context, {
    name: 'disconnect',
    description: 'End a client’s sessions; it may come back at once.',
    define: (command) => command.argument('<name>'),
    run: async (tools, _flags, name) => {
      const { disconnectClient } = await import('../../admin/clients.js');
      return disconnectClient(name, tools);
    },
  });
}

function remove(context: CommandContext): Command {
  return leaf<object, [string]>(context, {
    name: 'delete',
    description: 'Delete a client with its certificates, and end its sessions.',
    confirms: true,
    define: (command) => command.alias('remove').argument('<name>'),
    run: async (tools, _flags, name) => {
      const { deleteClient } = await import('../../admin/clients.js');
      return deleteClient(name, tools);
    },
  });
}

function parseExpiry(text: string): ReturnType<typeof parseFuture> | Parsed<'never'> {
  return text === 'never' ? means('never' as const) : parseFuture(text);
}
