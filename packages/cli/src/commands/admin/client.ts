import { Command } from 'commander';
import type { AddFlags } from '../../admin/addClient.js';
import { withAdminApi } from '../../admin/adminContext.js';
import { type CommandContext, withExamples, withJson } from '../commandContext.js';

/** `masque-vpn admin client …` */
export function clientCommand(context: CommandContext): Command {
  return new Command('client')
    .description('Who may connect.')
    .addCommand(add(context))
    .addCommand(list(context))
    .addCommand(show(context))
    .addCommand(change(context, 'enable', true, 'Let a client connect again.'))
    .addCommand(
      change(context, 'disable', false, 'End a client’s sessions and refuse it until it is enabled.'),
    )
    .addCommand(remove(context));
}

function add(context: CommandContext): Command {
  const command = new Command('add')
    .description('Create a client and write its profile. The private key is made here and goes nowhere else.')
    .argument('<name>', '1 to 63 of the characters a-z, 0-9 and "-"')
    .option('-o, --out <file>', 'profile to write, mode 0600; default: ./<name>.toml')
    .option('--host <host>', 'name or address by which the client reaches the server; default: as configured')
    .option('--address <ip>', 'address to connect to instead of resolving the host')
    .action(async (name: string, flags: AddFlags) => {
      await withAdminApi(context, command, async (tools) => {
        const { addClient } = await import('../../admin/addClient.js');
        return addClient(name, flags, tools);
      });
    });
  return withExamples(
    withJson(command),
    'sudo masque-vpn admin client add alice',
    'sudo masque-vpn admin client add alice --host vpn.example.org --out /root/alice.toml',
  );
}

function list(context: CommandContext): Command {
  const command = new Command('list').description('List all clients.').action(async () => {
    await withAdminApi(context, command, async (tools) => {
      const { listClients } = await import('../../admin/clients.js');
      return listClients(tools);
    });
  });
  return withJson(command);
}

function show(context: CommandContext): Command {
  const command = new Command('show')
    .description('Show one client.')
    .argument('<name>')
    .action(async (name: string) => {
      await withAdminApi(context, command, async (tools) => {
        const { showClient } = await import('../../admin/clients.js');
        return showClient(name, tools);
      });
    });
  return withJson(command);
}

function change(context: CommandContext, verb: string, enabled: boolean, description: string): Command {
  const command = new Command(verb)
    .description(description)
    .argument('<name>')
    .action(async (name: string) => {
      await withAdminApi(context, command, async (tools) => {
        const { setEnabled } = await import('../../admin/clients.js');
        return setEnabled(name, enabled, tools);
      });
    });
  return withJson(command);
}

function remove(context: CommandContext): Command {
  const command = new Command('remove')
    .description('Delete a client with its certificates, and end its sessions.')
    .argument('<name>')
    .action(async (name: string) => {
      await withAdminApi(context, command, async (tools) => {
        const { removeClient } = await import('../../admin/clients.js');
        return removeClient(name, tools);
      });
    });
  return withJson(command);
}
