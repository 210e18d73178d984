import { Command } from 'commander';
import type { ConnectFlags } from '../connect/connect.js';
import { type CommandContext, withExamples } from './commandContext.js';

/** `masque-vpn connect PROFILE|LINK` — keeps a tunnel open until SIGINT or SIGTERM. */
export function connectCommand({ world, run }: CommandContext): Command {
  const command = new Command('connect')
    .description('Connect this machine to the server of a profile, until Ctrl-C or SIGTERM.')
    .argument(
      '<profile>',
      'file made by "masque-vpn enroll", or an enrolment link, which is made a file first',
    )
    .option('-v, --verbose', 'say more')
    .option('--json', 'structured logs even on a terminal')
    .option('-o, --out <file>', 'with a link: profile to write; default: ./<client>.toml')
    .option('--once', 'end when the tunnel ends or cannot be opened, instead of trying again')
    .option('--state-dir <dir>', 'what outlives a client; default: /var/lib/masque-vpn-client for root')
    .option('--runtime-dir <dir>', 'status socket; default: /run/masque-vpn-client for root')
    .action(async (profile: string, flags: ConnectFlags) => {
      await run(false, async () => {
        const { connect } = await import('../connect/connect.js');
        return connect(profile, flags, world);
      });
    });
  return withExamples(
    command,
    'sudo masque-vpn connect alice.toml',
    'sudo masque-vpn connect -                       reads an enrolment link, keeps the profile, and connects',
  );
}
