import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestAuthority } from '../testing/authority.js';
import { readProfile } from './file.js';
import { defaultTunnel, type Profile } from './profile.js';
import { ProfileReplacement } from './replacement.js';
import { formatProfile } from './text.js';

let directory: string;
let path: string;
let authority: TestAuthority;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'masque-vpn-profile-'));
  path = join(directory, 'alice.toml');
  authority = await TestAuthority.create();
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function profile(): Promise<Profile> {
  const { chainPem, keyPem } = await authority.client('alice');
  return {
    client: 'alice',
    url: 'vpn.example.org',
    address: null,
    ca: authority.pem,
    systemRoots: false,
    certificate: chainPem,
    privateKey: keyPem,
    tunnel: { ...defaultTunnel, exclude: ['10.0.0.0/8'] },
  };
}

async function replacement(place = path): Promise<ProfileReplacement> {
  const opened = await ProfileReplacement.of(place);
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

async function read(): Promise<Profile> {
  const outcome = await readProfile(path);
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value;
}

describe('new credentials', () => {
  it('take the old ones’ place, and leave comments and everything else alone', async () => {
    const before = formatProfile(await profile())
      .replace('[tunnel]', '# the printer is at home\n[tunnel] # mine')
      .replace('version = 1', 'version = 1   # as ever');
    await writeFile(path, before, { mode: 0o600 });
    const next = await profile();
    await using file = await replacement();
    expect(await file.write(next)).toMatchObject({ ok: true, value: { certificate: next.certificate } });
    const after = await readFile(path, 'utf8');
    expect(after).toContain('# the printer is at home\n[tunnel] # mine');
    expect(after).toContain('version = 1   # as ever');
    expect((await read()).privateKey.trim()).toBe(next.privateKey.trim());
    expect((await read()).certificate.trim()).toBe(next.certificate.trim());
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['alice.toml']);
  });

  it('keep what the owner changed in the meantime', async () => {
    await writeFile(path, formatProfile(await profile()), { mode: 0o600 });
    await using file = await replacement();
    await writeFile(path, formatProfile({ ...(await profile()), address: '192.0.2.9' }));
    await file.write(await profile());
    expect((await read()).address).toBe('192.0.2.9');
  });

  it('bring another authority, and the public ones', async () => {
    await writeFile(path, formatProfile(await profile()), { mode: 0o600 });
    const other = await TestAuthority.create();
    await using file = await replacement();
    await file.write({ ...(await profile()), ca: other.pem, systemRoots: true });
    expect(await read()).toMatchObject({ systemRoots: true });
    expect((await read()).ca.trim()).toBe(other.pem.trim());
    await using second = await replacement();
    await second.write({ ...(await profile()), systemRoots: false });
    expect(await read()).toMatchObject({ systemRoots: false });
  });

  it('follow a symbolic link', async () => {
    await writeFile(path, formatProfile(await profile()), { mode: 0o600 });
    const link = join(directory, 'link.toml');
    await symlink(path, link);
    const next = await profile();
    await using file = await replacement(link);
    await file.write(next);
    expect((await read()).certificate.trim()).toBe(next.certificate.trim());
  });
});

it('a directory that must not be written is found out before anything is asked for', async () => {
  expect(await ProfileReplacement.of(join(directory, 'none.toml'))).toMatchObject({
    ok: false,
    error: { code: 'PROFILE_UNWRITABLE' },
  });
});

it('a profile that was damaged in the meantime stays as it is', async () => {
  await writeFile(path, formatProfile(await profile()), { mode: 0o600 });
  await using file = await replacement();
  await writeFile(path, 'version = 1');
  await chmod(path, 0o600);
  expect(await file.write(await profile())).toMatchObject({ ok: false, error: { code: 'PROFILE_INVALID' } });
  expect(await readFile(path, 'utf8')).toBe('version = 1');
});
