import { describe, expect, it } from 'vitest';
import { TestAuthority } from '../testing/authority.js';
import type { Profile } from './profile.js';
import { defaultTunnel, interfaceName } from './profile.js';
import { formatProfile, parseProfile } from './text.js';

async function profile(changes: Partial<Profile> = {}): Promise<Profile> {
  const authority = await TestAuthority.create();
  const { chainPem, keyPem } = await authority.client('alice');
  return {
    client: 'alice',
    url: 'https://vpn.example.org:443/.well-known/masque/ip/{target}/{ipproto}/',
    address: '192.0.2.1',
    ca: authority.pem.trim(),
    systemRoots: false,
    certificate: chainPem.trim(),
    privateKey: keyPem.trim(),
    tunnel: {
      name: 'vpn0',
      mtu: 1400,
      routes: ['10.0.0.0/8'],
      exclude: ['10.1.0.0/16', '2001:db8::/32'],
      advertise: ['10.20.0.0/16'],
      congestionControl: 'adaptive',
    },
    ...changes,
  };
}

/** The message of a profile that must not be accepted. */
function refusal(text: string): string {
  const parsed = parseProfile(text, 'a.toml');
  if (parsed.ok) throw new Error('accepted');
  return `${parsed.error.code} ${parsed.error.message}`;
}

describe('a profile', () => {
  it('is read back as it was written', async () => {
    for (const tunnel of [(await profile()).tunnel, defaultTunnel, { ...defaultTunnel, routes: [] }]) {
      const written = await profile({ tunnel });
      const read = parseProfile(formatProfile(written), 'a.toml');
      if (!read.ok) throw new Error(read.error.message);
      expect({ ...read.value, ca: read.value.ca.trim() }).toMatchObject({ client: 'alice', tunnel });
      expect(parseProfile(formatProfile(read.value), 'a.toml')).toEqual(read);
    }
  });

  it('with a syntax error is refused at its line and column', () => {
    expect(refusal('version = 1\nclient = alice\n')).toMatch(/^PROFILE_SYNTAX a\.toml:2:10: /);
  });

  it('with an unknown key is refused at that key', async () => {
    const text = formatProfile(await profile()).replace('mtu = 1400', 'mut = 1400');
    const line = text.split('\n').indexOf('mut = 1400') + 1;
    expect(refusal(text)).toBe(`PROFILE_INVALID a.toml:${line}:1: "mut" is not a key of a profile`);
  });

  it('names every missing and every wrong value at once', async () => {
    const text = formatProfile(await profile())
      .replace('version = 1', 'version = 2')
      .replace(/url = .*\n/, '')
      .replace('"10.1.0.0/16"', '"10.1.0.1/16"')
      .replace('mtu = 1400', 'mtu = 100');
    const lines = refusal(text).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe('PROFILE_INVALID a.toml:1:1: "url" is missing');
    expect(lines[1]).toBe(
      'a.toml:2:1: "version" must be 1: this masque-vpn reads profiles of version 1 only',
    );
    expect(lines[2]).toMatch(/^a\.toml:\d+:1: "tunnel\.mtu" /);
    expect(lines[3]).toMatch(/^a\.toml:\d+:12: "tunnel\.exclude\.0" .*10\.1\.0\.0\/16/);
  });

  it('without a private key in PEM form says what belongs there', async () => {
    const text = formatProfile(await profile({ privateKey: 'secret' }));
    expect(refusal(text)).toContain('"private_key" must be the client’s private key in PEM form');
    expect(refusal(text)).not.toContain('secret');
  });
});

describe('the interface', () => {
  it('is named after the client, cut to what Linux takes', async () => {
    expect(interfaceName(await profile({ tunnel: defaultTunnel }))).toBe('masque-alice');
    expect(interfaceName(await profile({ tunnel: defaultTunnel, client: 'a-very-long-name' }))).toBe(
      'masque-a-very-l',
    );
    expect(interfaceName(await profile())).toBe('vpn0');
  });
});
