import { Command } from 'commander';
import { withExamples } from './commandContext.js';

/** `masque-vpn complete` in the help; what it does is in `completion.ts`, which only it needs. */
export function completeCommand(): Command {
  const command = new Command('complete')
    .description('Print a script that completes commands and options with the Tab key.')
    .argument('<shell>', 'bash, zsh, fish or powershell');
  return withExamples(
    command,
    'source <(masque-vpn complete bash)',
    'masque-vpn complete zsh >~/.masque-vpn.zsh',
  );
}
