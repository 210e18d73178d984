import { serverTomlSchema, type ServerToml } from './schema.js';
import { describeSettings } from './settings.js';

/** Where a value comes from. */
export type SettingSource = 'default' | 'file' | 'command';

/** One setting as the server runs with it. */
export interface EffectiveSetting {
  readonly key: string;
  readonly description: string;
  /** Secrets are masked. */
  readonly value: string | number | boolean | readonly string[];
  readonly source: SettingSource;
}

export interface EffectiveSection {
  readonly name: string;
  readonly description: string;
  readonly settings: readonly EffectiveSetting[];
}

/** What was read, for those who want to see it. */
export interface EffectiveConfiguration {
  /** Path of the file; null: none was read. */
  readonly file: string | null;
  readonly sections: readonly EffectiveSection[];
}

/**
 * Every setting in the order of the schema.
 *
 * @param tables the file as it was parsed, before defaults
 * @param overridden `section.key` of what the command line decided
 */
export function effectiveConfiguration(
  file: string | null,
  toml: ServerToml,
  tables: Readonly<Record<string, unknown>>,
  overridden: ReadonlySet<string>,
): EffectiveConfiguration {
  const values: Readonly<Record<string, Readonly<Record<string, EffectiveSetting['value']>>>> = toml;
  const sections = describeSettings().map(({ name, description, settings }) => ({
    name,
    description,
    settings: settings.map((setting) => ({
      key: setting.key,
      description: setting.description,
      value: masked(setting.key, values[name]?.[setting.key] ?? ''),
      source: sourceOf(name, setting.key, tables, overridden),
    })),
  }));
  return { file, sections };
}

/** Complete defaults: what runs without a file. */
export function defaultConfiguration(): EffectiveConfiguration {
  return effectiveConfiguration(null, serverTomlSchema.parse({}), {}, new Set());
}

function sourceOf(
  section: string,
  key: string,
  tables: Readonly<Record<string, unknown>>,
  overridden: ReadonlySet<string>,
): SettingSource {
  if (overridden.has(`${section}.${key}`)) return 'command';
  const table = tables[section];
  return typeof table === 'object' && table !== null && key in table ? 'file' : 'default';
}

const mask = '[secret]';

/** A password in a URL, and whatever is a secret by its name; a name that ends in `_file` is a path. */
function masked(key: string, value: EffectiveSetting['value']): EffectiveSetting['value'] {
  if (typeof value !== 'string' || value === '') return value;
  if (/(?:^|_)(?:password|secret|token|passphrase)$/.test(key)) return mask;
  return value
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#\s]*?):[^/?#]*@/i, `$1:${mask}@`)
    .replace(/([?&](?:password|secret|token)=)[^&#]*/gi, `$1${mask}`);
}
