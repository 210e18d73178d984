import { describeSettings, type SectionDescription, type SettingDescription } from './settings.js';

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

/** What `docs/configuration.md` contains: how the file is found and read, then every key of the schema. */
export function configReferenceMarkdown(): string {
  return [introduction, ...describeSettings().map(sectionMarkdown)].join('\n');
}

const introduction = `<!-- Generated from packages/server/src/config by "npm run docs:generate"; do not edit. -->

# Configuration of the server

The server works without any. \`masque-vpn server\` reads \`/etc/masque-vpn/server.toml\` if it exists, or the file
that \`--config FILE\` names; \`--state-dir\` and \`--runtime-dir\` win over it. The file is
[TOML](https://toml.io): what it leaves out has its default, and a key that does not exist is an error. All problems
are reported at once, with line, column and what to write instead ([codes](errors.md#configuration)). A change takes
effect at the next start.

\`\`\`toml
[server]
host = "vpn.example.org"

[pool]
ipv4 = ["10.20.0.0/16"]
ipv6 = ["2001:db8:20::/64"]
\`\`\`
`;

function sectionMarkdown({ name, description, settings }: SectionDescription): string {
  return [
    `## [${name}]`,
    '',
    description,
    '',
    '| key | value | default | meaning |',
    '|---|---|---|---|',
    ...settings.map(tableRow),
    '',
  ].join('\n');
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
