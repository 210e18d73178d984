import { describeSettings, type SettingDescription } from './settings.js';

/** A `server.toml` that says everything and changes nothing: each key stands commented out with its default. */
export function defaultConfigToml(): string {
  const sections = describeSettings().map(({ name, description, settings }) => {
    const lines = settings.flatMap((setting) => [
      ...wrap(setting.description).map((line) => `# ${line}`),
      `#${setting.key} = ${setting.defaultToml}`,
      '',
    ]);
    return [`# ${description}`, `[${name}]`, ...lines].join('\n');
  });
  return ['# masque-vpn server. Remove the "#" in front of a key to change it.\n', ...sections].join('\n');
}

/** The reference of `server.toml` as Markdown sections: what `docs/configuration.md` contains. */
export function configReferenceMarkdown(): string {
  return describeSettings()
    .map(({ name, description, settings }) =>
      [
        `## [${name}]`,
        '',
        description,
        '',
        '| key | value | default | meaning |',
        '|---|---|---|---|',
        ...settings.map(tableRow),
        '',
      ].join('\n'),
    )
    .join('\n');
}

function tableRow({ key, type, defaultToml, description }: SettingDescription): string {
  return `| \`${key}\` | ${type} | \`${defaultToml}\` | ${description.replaceAll('|', '\\|')} |`;
}

/** Lines of at most 98 characters, so that a comment of it fits into 100. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > 98) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
