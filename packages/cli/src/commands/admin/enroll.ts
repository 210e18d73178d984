import type { Command } from 'commander';
import type { CreateFlags, EnrolmentFlags } from '../../admin/enrolments.js';
import { argument } from '../../input/parsed.js';
import { wholeNumber } from '../../input/quantity.js';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';

/** `masque-vpn admin enroll …` */
export function enrollLinkCommand(context: CommandContext): Command {
  return branch('enroll', 'Links with which machines become clients.', [
    leaf<CreateFlags, [string]>(context, {
      name: 'create',
      description: 'Make a link for a client that exists: for its machine, another one, or a new start.',
      define: (command) =>
        command
          .argument('<client>')
          .option(
            '--hours <number>',
            'life of the link; default: as the settings say',
            argument(wholeNumber(1, 720)),
          )
          .option('--host <host>', 'name or address by which it reaches the server; default: as configured')
          .option('--no-qr', 'no QR code'),
      examples: [
        'sudo masque-vpn admin enroll create alice --hours 2',
        'sudo masque-vpn admin enroll create alice --json | jq -r .link',
      ],
      run: async (tools, flags, client) => {
        const { createEnrolment } = await import('../../admin/enrolments.js');
        return createEnrolment(client, flags, tools);
      },
    }),
    leaf<EnrolmentFlags>(context, {
      name: 'list',
      description: 'List links: who made them, and what became of them.',
      define: (command) =>
        command
          .option('--client <name>', 'only of this client')
          .option('--open', 'only those that can be redeemed'),
      run: async (tools, flags) => {
        const { listEnrolments } = await import('../../admin/enrolments.js');
        return listEnrolments(flags, tools);
      },
    }),
    leaf<object, [string]>(context, {
      name: 'revoke',
      description: 'Make a link useless.',
      define: (command) => command.argument('<id>'),
      run: async (tools, _flags, id) => {
        const { revokeEnrolment } = await import('../../admin/enrolments.js');
        return revokeEnrolment(id, tools);
      },
    }),
  ]);
}
