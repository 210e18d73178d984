import type { Model } from '../../api/client.js';

type Settings = Model<'Settings'>;

/** Settings as they stand in the form: numbers as they are typed. */
export interface SettingsDraft {
  readonly defaultGroups: readonly string[];
  readonly enrolmentLifetimeHours: string;
  readonly auditDays: string;
  readonly expiryNoticeDays: string;
}

export const settingNames = [
  'defaultGroups',
  'enrolmentLifetimeHours',
  'auditDays',
  'expiryNoticeDays',
] as const satisfies readonly (keyof SettingsDraft)[];
export type SettingName = (typeof settingNames)[number];

export function draftOf(settings: Settings): SettingsDraft {
  return {
    defaultGroups: settings.defaultGroups,
    enrolmentLifetimeHours: String(settings.enrolmentLifetimeHours),
    auditDays: String(settings.auditDays),
    expiryNoticeDays: String(settings.expiryNoticeDays),
  };
}

/** Names of the settings in which two drafts differ; the order of groups is of no meaning. */
export function differences(a: SettingsDraft, b: SettingsDraft): readonly SettingName[] {
  return settingNames.filter((name) => textOf(a[name]) !== textOf(b[name]));
}

/** What of a draft is other than the settings it began with, as the API takes it. */
export function changeOf(draft: SettingsDraft, base: SettingsDraft): Model<'SettingsChange'> {
  const changed = new Set(differences(draft, base));
  return {
    ...(changed.has('defaultGroups') ? { defaultGroups: [...draft.defaultGroups] } : {}),
    ...(changed.has('enrolmentLifetimeHours')
      ? { enrolmentLifetimeHours: Number(draft.enrolmentLifetimeHours) }
      : {}),
    ...(changed.has('auditDays') ? { auditDays: Number(draft.auditDays) } : {}),
    ...(changed.has('expiryNoticeDays') ? { expiryNoticeDays: Number(draft.expiryNoticeDays) } : {}),
  };
}

/**
 * The draft after the settings changed on the server: what nobody touched here follows, what was typed stays.
 */
export function follow(draft: SettingsDraft, base: SettingsDraft, now: SettingsDraft): SettingsDraft {
  const touched = new Set(differences(draft, base));
  const pick = <Name extends SettingName>(name: Name): SettingsDraft[Name] =>
    touched.has(name) ? draft[name] : now[name];
  return {
    defaultGroups: pick('defaultGroups'),
    enrolmentLifetimeHours: pick('enrolmentLifetimeHours'),
    auditDays: pick('auditDays'),
    expiryNoticeDays: pick('expiryNoticeDays'),
  };
}

function textOf(value: string | readonly string[]): string {
  return typeof value === 'string' ? value.trim() : value.toSorted().join(' ');
}
