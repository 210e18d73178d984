import type { Model } from '../../api/client.js';

type Configuration = Model<'Configuration'>;
export type Section = Configuration['sections'][number];
export type Setting = Section['settings'][number];

/** The sections with those settings whose name, description or value has the text; `file`: only what is not default. */
export function search(
  sections: readonly Section[],
  text: string,
  source: string,
  describe: (section: Section, setting: Setting) => string,
): readonly Section[] {
  const wanted = text.toLowerCase();
  return sections.flatMap((section) => {
    const settings = section.settings.filter((setting) => {
      if (source === 'changed' && setting.source === 'default') return false;
      const words = `${section.name}.${setting.key} ${describe(section, setting)} ${writeSetting(setting.value)}`;
      return words.toLowerCase().includes(wanted);
    });
    return settings.length === 0 ? [] : [{ ...section, settings }];
  });
}

/** A value as it stands in TOML. */
export function writeSetting(value: Setting['value']): string {
  return Array.isArray(value)
    ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
    : JSON.stringify(value);
}
