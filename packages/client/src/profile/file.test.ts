import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readProfile } from './file.js';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'masque-vpn-profile-'));
  path = join(directory, 'alice.toml');
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

it('refuses a profile that others may read, and says how to close it', async () => {
  await writeFile(path, 'version = 1');
  await chmod(path, 0o640);
  expect(await readProfile(path)).toMatchObject({
    ok: false,
    error: { code: 'PROFILE_EXPOSED', message: expect.stringContaining(`chmod 600 ${path}`) as string },
  });
});

it('tells a missing profile from one that cannot be read', async () => {
  expect(await readProfile(path)).toMatchObject({ ok: false, error: { code: 'PROFILE_NOT_FOUND' } });
  await chmod(directory, 0o700);
  expect(await readProfile(directory)).toMatchObject({ ok: false, error: { code: 'PROFILE_UNREADABLE' } });
});
