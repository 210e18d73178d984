import { ConfigurationModel, SettingsModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import { facts, table } from '../output/table.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** Flags of `admin settings set`. */
export interface SettingsFlags {
  readonly defaultGroups?: readonly string[];
  readonly linkHours?: number;
  readonly auditDays?: number;
  readonly noticeDays?: number;
}

/** `masque-vpn admin settings show` */
export async function showSettings({ api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', apiPath('settings'), SettingsModel);
  if (!answer.ok) return answer;
  print(answer.value, settingsText);
  return done;
}

/** `masque-vpn admin settings set` */
export async function setSettings(flags: SettingsFlags, { api, print }: AdminTools): Promise<CommandResult> {
  const body = {
    defaultGroups: flags.defaultGroups,
    enrolmentLifetimeHours: flags.linkHours,
    auditDays: flags.auditDays,
    expiryNoticeDays: flags.noticeDays,
  };
  const answer = await api.call('PATCH', apiPath('settings'), SettingsModel, { body });
  if (!answer.ok) return answer;
  print(answer.value, settingsText);
  return done;
}

/** `masque-vpn admin settings file` — server.toml as the server runs with it. */
export async function showConfiguration({ api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', apiPath('server', 'configuration'), ConfigurationModel);
  if (!answer.ok) return answer;
  print(answer.value, ({ file, sections }) => {
    const rows = sections.flatMap(({ name, settings }) =>
      settings.map(({ key, value, source }) => [
        `${name}.${key}`,
        Array.isArray(value) ? value.join(', ') : String(value),
        source,
      ]),
    );
    return `file  ${file ?? 'none: everything is as built in'}\n\n${table(['key', 'value', 'from'], rows)}`;
  });
  return done;
}

function settingsText(settings: SettingsModel): string {
  const { defaultGroups, enrolmentLifetimeHours, auditDays, expiryNoticeDays } = settings;
  return facts([
    ['groups of new clients', defaultGroups.join(', ') || 'none'],
    ['life of a link', `${enrolmentLifetimeHours} hours`],
    ['audit log is kept', auditDays === 0 ? 'for ever' : `${auditDays} days`],
    ['notice before an end', `${expiryNoticeDays} days`],
  ]);
}
