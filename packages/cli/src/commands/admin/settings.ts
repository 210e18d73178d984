import type { Command } from 'commander';
import type { SettingsFlags } from '../../admin/settings.js';
import { argument, listOf, means, type Parsed } from '../../input/parsed.js';
import { wholeNumber } from '../../input/quantity.js';
import type { CommandContext } from '../commandContext.js';
import { branch, leaf } from './leaf.js';

/** `masque-vpn admin settings …` */
export function settingsCommand(context: CommandContext): Command {
  return branch('settings', 'What can be changed while the server runs, and what its file says.', [
    leaf(context, {
      name: 'show',
      description: 'Show the settings.',
      run: async (tools) => {
        const { showSettings } = await import('../../admin/settings.js');
        return showSettings(tools);
      },
    }),
    leaf<SettingsFlags>(context, {
      name: 'set',
      description: 'Change settings; what is not named stays.',
      define: (command) =>
        command
          .option('--default-groups <names>', 'of new clients: a,b or none', argument(listOf(groupName)))
          .option('--link-hours <number>', 'life of enrolment links', argument(wholeNumber(1, 720)))
          .option(
            '--audit-days <number>',
            'how long audit is kept; 0 for ever',
            argument(wholeNumber(0, 36_500)),
          )
          .option('--notice-days <number>', 'notice before an end, by webhook', argument(wholeNumber(1, 90))),
      examples: ['sudo masque-vpn admin settings set --link-hours 4 --default-groups staff'],
      run: async (tools, flags) => {
        const { setSettings } = await import('../../admin/settings.js');
        return setSettings(flags, tools);
      },
    }),
    leaf(context, {
      name: 'file',
      description: 'Show server.toml as the server runs with it; secrets are masked.',
      run: async (tools) => {
        const { showConfiguration } = await import('../../admin/settings.js');
        return showConfiguration(tools);
      },
    }),
  ]);
}

const groupName = (text: string): Parsed<string> => means(text);
