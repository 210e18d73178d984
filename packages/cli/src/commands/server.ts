import { Command } from 'commander';
import type { ServeFlags } from '../server/serve.js';
import { type CommandContext, withExamples } from './commandContext.js';

/** `masque-vpn server` — runs the server until SIGINT or SIGTERM. */
export function serverCommand({ world, run }: CommandContext): Command {
  const command = new Command('server')
    .description('Run the server until Ctrl-C or SIGTERM.')
    .option(
      '-c, --config <file>',
      'configuration; default: /etc/masque-vpn/server.toml if there is one, else defaults',
    )
    .option('--state-dir <dir>', 'keys, certificates and database; default: /var/lib/masque-vpn for root')
    .option('--runtime-dir <dir>', 'administration socket; default: /run/masque-vpn for root')
    .action(async (flags: ServeFlags) => {
      await run(false, async () => {
        const { serve } = await import('../server/serve.js');
        return serve(flags, world);
      });
    });
  return withExamples(command, 'sudo masque-vpn server', 'sudo masque-vpn server --config ./server.toml');
}
