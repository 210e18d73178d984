import { Command } from 'commander';
import type { EnrollFlags } from '../enroll/enroll.js';
import { type CommandContext, withExamples, withJson } from './commandContext.js';

/** `masque-vpn enroll [LINK]` — makes a profile of an enrolment link. */
export function enrollCommand({ world, run }: CommandContext): Command {
  const command = new Command('enroll')
    .description('Make a profile of an enrolment link. The private key is made here and goes nowhere else.')
    .argument('[link]', 'masque-vpn://…; "-" reads it from standard input, without one you are asked')
    .option('-o, --out <file>', 'profile to write, mode 0600; default: ./<client>.toml')
    .option('-f, --force', 'replace a profile that is there')
    .action(async (link: string | undefined, flags: EnrollFlags) => {
      await run(flags.json === true, async () => {
        const { enroll } = await import('../enroll/enroll.js');
        return enroll(link ?? null, flags, world);
      });
    });
  return withExamples(
    withJson(command),
    'masque-vpn enroll                               asks for the link',
    'masque-vpn enroll - <link.txt                   reads it from a file',
    'masque-vpn enroll "masque-vpn://vpn.example.org:443/enroll#…" --out alice.toml',
  ).addHelpText(
    'after',
    `
A link is good once. As an argument it can be seen by other users of this machine (ps) until it is read, and
stays in the history of the shell: where that matters, let it ask, or use "-".
`,
  );
}
