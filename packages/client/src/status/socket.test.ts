import { link, mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readClientStatuses } from './read.js';
import { StatusSocket } from './socket.js';
import type { ClientStatus } from './status.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'masque-vpn-status-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

function status(client: string): ClientStatus {
  return {
    client,
    server: 'vpn.example.org',
    pid: 1,
    interface: `masque-${client}`,
    state: 'up',
    sinceMs: 0,
    remoteAddress: '192.0.2.1:443',
    addresses: ['10.89.0.2/32'],
    routes: ['0.0.0.0/0'],
    dns: [],
    tunnelMtu: 1400,
    rttMs: 12.5,
    bytesUp: 1,
    bytesDown: 2,
    packetsUp: 3,
    packetsDown: 4,
    attempts: 0,
    certificate: { expiresAtMs: 1, renewsAtMs: null, renewalError: null },
    advertised: [],
    lastError: null,
  };
}

async function open(client: string): Promise<StatusSocket> {
  const opened = await StatusSocket.open(directory, client, () => status(client));
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

it('answers everybody who may connect with the status', async () => {
  await using alice = await open('alice');
  await using _bob = await open('bob');
  expect((await stat(alice.path)).mode & 0o777).toBe(0o600);
  expect(await readClientStatuses(directory)).toEqual([status('alice'), status('bob')]);
});

it('is gone with its client', async () => {
  const socket = await open('alice');
  await socket[Symbol.asyncDispose]();
  expect(await readClientStatuses(directory)).toEqual([]);
  await expect(stat(socket.path)).rejects.toThrow('ENOENT');
});

it('refuses a second client of the same name', async () => {
  await using _first = await open('alice');
  const second = await StatusSocket.open(directory, 'alice', () => status('alice'));
  expect(second).toMatchObject({ ok: false, error: { code: 'CLIENT_ALREADY_RUNNING' } });
});

it('takes over what a crashed client left', async () => {
  const dead = createServer();
  await new Promise<void>((resolve) => dead.listen(join(directory, 'dead.sock'), resolve));
  await link(join(directory, 'dead.sock'), join(directory, 'alice.sock'));
  await new Promise<void>((resolve) => dead.close(() => resolve()));
  expect(await readClientStatuses(directory)).toEqual([]);
  await using _alice = await open('alice');
  expect(await readClientStatuses(directory)).toHaveLength(1);
});

it('passes over sockets of other programs', async () => {
  const other = createServer((socket) => socket.end('hello\n'));
  await new Promise<void>((resolve) => other.listen(join(directory, 'other.sock'), resolve));
  expect(await readClientStatuses(directory)).toEqual([]);
  await new Promise<void>((resolve) => other.close(() => resolve()));
});

it('says that a path is too long for a socket', async () => {
  const far = join(directory, 'x'.repeat(120));
  const opened = await StatusSocket.open(far, 'alice', () => status('alice'));
  expect(opened).toMatchObject({
    ok: false,
    error: { code: 'CLIENT_STATE_UNUSABLE', message: expect.stringContaining('--runtime-dir') as string },
  });
});
