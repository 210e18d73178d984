import { Command } from 'commander';
import type { RenewFlags } from '../enroll/renew.js';
import { type CommandContext, withExamples, withJson } from './commandContext.js';

/** `masque-vpn renew PROFILE` — renews a certificate at once. */
export function renewCommand({ world, run }: CommandContext): Command {
  const command = new Command('renew')
    .description('Renew the certificate of a profile now. A client that runs does that by itself, in time.')
    .argument('<profile>', 'file made by "masque-vpn enroll"')
    .action(async (profile: string, flags: RenewFlags) => {
      await run(flags.json === true, async () => {
        const { renew } = await import('../enroll/renew.js');
        return renew(profile, flags, world);
      });
    });
  return withExamples(withJson(command), 'sudo masque-vpn renew alice.toml');
}
