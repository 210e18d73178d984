import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configReferenceMarkdown, defaultConfigToml } from './document.js';
import { loadConfig, type ConfigResult } from './load.js';
import { describeSettings } from './settings.js';

const environment = { root: true, home: '/root', variables: {} };

function load(text: string): ConfigResult {
  const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-config-'));
  try {
    writeFileSync(join(directory, 'server.toml'), text);
    return loadConfig(join(directory, 'server.toml'), {}, environment);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const configOf = (loaded: ReturnType<typeof load>) => (loaded.ok ? loaded.config : loaded.problems);

describe('the default file', () => {
  it('changes nothing', () => {
    expect(configOf(load(defaultConfigToml()))).toEqual(configOf(loadConfig(null, {}, environment)));
  });

  it('changes nothing either with every key taken in', () => {
    const text = defaultConfigToml().replaceAll(/^#(\w+ = .*)$/gm, '$1');
    expect(text).toMatch(/^listen = "\[::\]:443"$/m);
    expect(configOf(load(text))).toEqual(configOf(loadConfig(null, {}, environment)));
  });

  it('is deploy/server.toml; "npm run docs:generate" writes it', async () => {
    await expect(defaultConfigToml()).toMatchFileSnapshot('../../../../deploy/server.toml');
  });

  it('fits into 100 columns', () => {
    expect(
      Math.max(
        ...defaultConfigToml()
          .split('\n')
          .map(({ length }) => length),
      ),
    ).toBeLessThanOrEqual(100);
  });
});

describe('the reference', () => {
  it('has every key with its range, default and meaning', () => {
    const markdown = configReferenceMarkdown();
    expect(markdown).toContain(
      '| `idle_timeout_seconds` | whole number 1–600 | `30` | A client that was silent this long is gone. |',
    );
    expect(markdown).toContain('| `ipv4` | list of texts | `["10.89.0.0/16"]` |');
    expect(markdown).toContain('| `state_dir` | text | `""` |');
    for (const { name, settings } of describeSettings()) {
      expect(markdown).toContain(`## [${name}]`);
      for (const { key, description } of settings) {
        expect(markdown).toContain(`| \`${key}\` |`);
        expect(description).toMatch(/\.$/);
      }
    }
  });

  it('is docs/configuration.md; "npm run docs:generate" writes it', async () => {
    await expect(configReferenceMarkdown()).toMatchFileSnapshot('../../../../docs/configuration.md');
  });

  it('shows an example that is valid', () => {
    const [, example = ''] = /```toml\n(.*?)```/s.exec(configReferenceMarkdown()) ?? [];
    expect(example).toContain('[pool]');
    expect(load(example)).toMatchObject({ ok: true });
  });
});
