import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './load.js';

describe('[acme]', () => {
  let file: string;
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'masque-vpn-config-'));
    file = join(directory, 'server.toml');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function load(text: string) {
    writeFileSync(file, text);
    return loadConfig(file, {}, { root: true, home: '/root', variables: {} });
  }

  it('is off without names', () => {
    expect(load('')).toMatchObject({ ok: true, config: { acme: null } });
  });

  it('names the server as well, where server.host is left out', () => {
    expect(load('[acme]\ndomains = ["VPN.example.org", "www.example.org"]')).toMatchObject({
      ok: true,
      config: {
        server: { host: 'vpn.example.org' },
        acme: {
          domains: ['vpn.example.org', 'www.example.org'],
          email: null,
          directory: 'https://acme-v02.api.letsencrypt.org/directory',
          caFile: null,
        },
      },
    });
  });

  it.each([
    ['acme.domains', '[acme]\ndomains = ["*.example.org"]'],
    ['acme.domains', '[acme]\ndomains = ["192.0.2.1"]'],
    ['acme.domains', '[acme]\ndomains = ["vpn.example.org:443"]'],
    ['acme.domains', '[server]\nhost = "vpn.example.org"\n[acme]\ndomains = ["www.example.org"]'],
    ['acme.domains', '[front]\nenabled = false\n[acme]\ndomains = ["vpn.example.org"]'],
    [
      'acme.domains',
      '[server]\ncertificate = "/a"\nkey = "/b"\nhost = "vpn.example.org"\n[acme]\ndomains = ["vpn.example.org"]',
    ],
    ['acme.directory', '[acme]\ndomains = ["vpn.example.org"]\ndirectory = "http://ca.example/"'],
    ['acme.email', '[acme]\ndomains = ["vpn.example.org"]\nemail = "nobody"'],
    ['acme.ca_file', '[acme]\ndomains = ["vpn.example.org"]\nca_file = "ca.pem"'],
  ])('says what is wrong with %s', (path, text) => {
    const loaded = load(text);
    expect(loaded.ok ? [] : loaded.problems.map((problem) => [problem.code, problem.path])).toEqual([
      ['CONFIG_BAD_VALUE', path],
    ]);
  });
});
