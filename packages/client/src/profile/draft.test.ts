import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestAuthority } from '../testing/authority.js';
import { ProfileDraft } from './draft.js';
import { readProfile } from './file.js';
import { defaultTunnel, type Profile } from './profile.js';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'masque-vpn-profile-'));
  path = join(directory, 'alice.toml');
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function profile(): Promise<Profile> {
  const authority = await TestAuthority.create();
  const { chainPem, keyPem } = await authority.client('alice');
  return {
    client: 'alice',
    url: 'vpn.example.org',
    address: null,
    ca: authority.pem,
    systemRoots: false,
    certificate: chainPem,
    privateKey: keyPem,
    tunnel: defaultTunnel,
  };
}

async function draftAt(place: string): Promise<ProfileDraft> {
  const draft = await ProfileDraft.at(place);
  if (!draft.ok) throw new Error(draft.error.message);
  return draft.value;
}

it('writes a profile for its owner only, and reads it back', async () => {
  const draft = await draftAt(path);
  expect(await draft.write(path, await profile())).toMatchObject({ ok: true });
  await draft[Symbol.asyncDispose]();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readProfile(path)).toMatchObject({ ok: true, value: { client: 'alice' } });
  expect(await readdir(directory)).toEqual(['alice.toml']);
});

it('leaves nothing behind when no profile comes of it', async () => {
  await (await draftAt(path))[Symbol.asyncDispose]();
  expect(await readdir(directory)).toEqual([]);
});

it('never overwrites a file, also not one that appears in the meantime', async () => {
  const draft = await draftAt(path);
  await writeFile(path, 'mine');
  expect(await ProfileDraft.at(path)).toMatchObject({ ok: false, error: { code: 'PROFILE_EXISTS' } });
  expect(await draft.write(path, await profile())).toMatchObject({
    ok: false,
    error: { code: 'PROFILE_EXISTS' },
  });
  await draft[Symbol.asyncDispose]();
  expect(await readFile(path, 'utf8')).toBe('mine');
});

it('says at once that a directory is missing', async () => {
  const draft = await ProfileDraft.at(join(directory, 'none', 'alice.toml'));
  expect(draft).toMatchObject({ ok: false, error: { code: 'PROFILE_UNWRITABLE' } });
});

it('replaces a file only when told to, and then as one', async () => {
  await writeFile(path, 'old');
  const made = await ProfileDraft.at(path, { replace: true });
  if (!made.ok) throw new Error(made.error.message);
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await made.value.write(path, await profile())).toMatchObject({ ok: true });
  expect(await readProfile(path)).toMatchObject({ ok: true });
});

it('takes its name late, where only the answer says it', async () => {
  const made = await ProfileDraft.in(directory);
  if (!made.ok) throw new Error(made.error.message);
  await writeFile(path, 'mine');
  const late = await profile();
  expect(await made.value.write(path, late)).toMatchObject({ ok: false, error: { code: 'PROFILE_EXISTS' } });
  expect(await made.value.write(join(directory, 'alice-2.toml'), late)).toMatchObject({ ok: true });
  await made.value[Symbol.asyncDispose]();
  expect((await readdir(directory)).toSorted()).toEqual(['alice-2.toml', 'alice.toml']);
});
