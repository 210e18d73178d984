import { Command } from 'commander';
import type { DoctorFlags } from '../doctor/doctor.js';
import { type CommandContext, withExamples, withJson } from './commandContext.js';

/** `masque-vpn doctor` — whether a tunnel can run on this machine, and how fast. */
export function doctorCommand({ world, run }: CommandContext): Command {
  const command = new Command('doctor')
    .description('Examine what this machine offers to a tunnel: the device it needs, and what makes it fast.')
    .action(async (flags: DoctorFlags) => {
      await run(flags.json === true, async () => {
        const { openEngine } = await import('@masque-vpn/engine');
        const { doctor } = await import('../doctor/doctor.js');
        return doctor(flags, world, openEngine);
      });
    });
  return withExamples(withJson(command), 'sudo masque-vpn doctor', 'sudo masque-vpn doctor --json');
}
