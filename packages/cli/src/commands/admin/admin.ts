import { Command } from 'commander';
import type { CommandContext } from '../commandContext.js';
import { administratorCommand } from './administrator.js';
import { auditCommand } from './audit.js';
import { authorityCommand } from './authority.js';
import { certificateCommand } from './certificate.js';
import { clientCommand } from './client.js';
import { enrollLinkCommand } from './enroll.js';
import { flowCommand } from './flow.js';
import { forwardCommand } from './forward.js';
import { groupCommand } from './group.js';
import { logCommand } from './log.js';
import { poolCommand } from './pool.js';
import { ruleCommand } from './rule.js';
import { sessionCommand } from './session.js';
import { settingsCommand } from './settings.js';
import { serverStatusCommand } from './status.js';
import { tokenCommand } from './token.js';
import { usageCommand } from './usage.js';
import { webhookCommand } from './webhook.js';

/** In the order in which somebody who starts needs them. */
const commands = [
  clientCommand,
  enrollLinkCommand,
  groupCommand,
  ruleCommand,
  sessionCommand,
  flowCommand,
  usageCommand,
  poolCommand,
  forwardCommand,
  auditCommand,
  logCommand,
  certificateCommand,
  authorityCommand,
  serverStatusCommand,
  settingsCommand,
  administratorCommand,
  tokenCommand,
  webhookCommand,
];

/** `masque-vpn admin` — administers the server on this machine. */
export function adminCommand(context: CommandContext): Command {
  const command = new Command('admin')
    .description('Administer the server on this machine.')
    .option(
      '--socket <path>',
      'the server’s administration socket; default: /run/masque-vpn/admin.sock for root',
    );
  for (const make of commands) command.addCommand(make(context));
  return command.addHelpText('after', adminNotes);
}

const adminNotes = `
Examples:
  $ sudo masque-vpn admin client add alice --link            a client, and the link for its machine
  $ sudo masque-vpn admin rule add allow --from client:alice --to 10.20.0.0/16 --proto tcp --port 443
  $ sudo masque-vpn admin rule check --from alice --to 10.20.0.5 --port 443
  $ sudo masque-vpn admin flow list --refused                what is refused, and by which rule

Every command takes --json and --help. Exit codes: 0 done, 2 wrong arguments, 3 refused, 4 root needed,
5 no server runs.
`;
