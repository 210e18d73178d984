import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clientDirectories } from './directories.js';
import { instanceId } from './instance.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'masque-vpn-state-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function id(client: string): Promise<string> {
  const found = await instanceId(join(directory, 'state'), client);
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

it('keeps one instance id for each client, readable by its owner only', async () => {
  const first = await id('alice');
  expect(first).toMatch(/^[0-9a-f]{8}-/);
  expect(await id('alice')).toBe(first);
  expect(await id('bob')).not.toBe(first);
  expect((await stat(join(directory, 'state', 'alice.instance'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(directory, 'state'))).mode & 0o777).toBe(0o700);
});

it('makes a damaged instance id anew', async () => {
  await id('alice');
  const path = join(directory, 'state', 'alice.instance');
  await writeFile(path, 'half a u');
  const fresh = await id('alice');
  expect((await readFile(path, 'utf8')).trim()).toBe(fresh);
});

it('says which directory it cannot use', async () => {
  await writeFile(join(directory, 'file'), '');
  expect(await instanceId(join(directory, 'file'), 'alice')).toMatchObject({
    ok: false,
    error: { code: 'CLIENT_STATE_UNUSABLE', message: expect.stringContaining('--state-dir') as string },
  });
});

it('puts state and sockets where the user may write', () => {
  expect(clientDirectories({ uid: 0, env: {} })).toEqual({
    state: '/var/lib/masque-vpn-client',
    runtime: '/run/masque-vpn-client',
  });
  const env = { XDG_STATE_HOME: '/home/a/.state', XDG_RUNTIME_DIR: '/run/user/1' };
  expect(clientDirectories({ uid: 1, env })).toEqual({
    state: '/home/a/.state/masque-vpn-client',
    runtime: '/run/user/1/masque-vpn-client',
  });
  const { state, runtime } = clientDirectories({ uid: 1, env: { XDG_STATE_HOME: '/s' } });
  expect(runtime).toBe(state);
});
