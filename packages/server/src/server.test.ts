import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { HealthModel, StatusModel } from './api/models.js';
import type { SessionRecord } from './store/sessionHistory.js';
import { openStore } from './store/store.js';
import { StoreError } from './store/storeError.js';
import { TestClient } from './testing/testClient.js';
import { testConfig, TestServer } from './testing/testServer.js';

const instance = '0b5e7a3c-2f7d-4f5b-9a39-5d7f0f3c8a11';

test('a client is admitted and gets addresses of both families and all routes', async () => {
  await using server = await TestServer.start();
  const alice = await server.connected(await server.addClient('alice'));
  const { sessionId, status, headers } = await alice.request();
  expect([status, headers['capsule-protocol']]).toEqual([200, '?1']);
  expect(await alice.addresses(sessionId)).toEqual([
    expect.stringMatching(/^10\.89\.0\.\d+$/),
    expect.stringMatching(/^fd4d:5156:504e:/),
  ]);
  expect(await alice.routes(sessionId)).toEqual([
    { start: '0.0.0.0', end: '255.255.255.255', protocol: 0 },
    { start: '::', end: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', protocol: 0 },
  ]);
  expect(await server.sample('active_connections')).toBe(1);
});

describe('a start', () => {
  test('says when it is ready, where it listens and how to go on', async () => {
    await using server = await TestServer.start();
    const text = server.printed.join('\n');
    expect(text).toContain('is ready');
    expect(text).toContain(server.running.udpAddress);
    expect(text).toContain('/metrics');
    expect(text).toContain('admin client add');
    expect(statSync(server.running.adminSocket).mode & 0o777).toBe(0o600);
    expect(statSync(server.config.server.stateDir).mode & 0o777).toBe(0o700);
  });

  test('with a taken TCP port fails with its code, and leaves nothing behind', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const listen = { address: '127.0.0.1', port, text: `127.0.0.1:${port}` };
    let isClean = (): boolean => false;
    const error = await TestServer.failToStart({
      config: { api: { listen, sessionIdleMs: 60_000, sessionAbsoluteMs: 60_000 } },
      prepare: ({ host }) => (isClean = () => host.isClean),
    });
    expect(error).toMatchObject({
      code: 'API_ADDRESS_IN_USE',
      message: expect.stringContaining(String(port)) as unknown,
    });
    expect(isClean()).toBe(true);
    await new Promise((resolve) => other.close(resolve));
  });

  test('with the state of a running server fails, and does not disturb it', async () => {
    await using server = await TestServer.start();
    const alice = await server.connected(await server.addClient('alice'));
    const { sessionId } = await alice.request();
    const error = await TestServer.failToStart({ directory: server.directory });
    expect(error.code).toMatch(/^(STORE|ADMIN_SOCKET)_IN_USE$/);
    expect(existsSync(server.running.adminSocket)).toBe(true);
    expect((await server.call('GET', '/health')).status).toBe(200);
    expect(alice.closeOf(sessionId)).toBeNull();
  });

  test('with a folder that cannot be made says which', async () => {
    await using server = await TestServer.start();
    const file = join(server.directory, 'file');
    writeFileSync(file, '');
    const broken = { ...testConfig(server.directory).server, stateDir: join(file, 'state') };
    const error = await TestServer.failToStart({ config: { server: broken } });
    expect(error).toMatchObject({
      code: 'SERVER_FOLDER_FAILED',
      message: expect.stringContaining(file) as unknown,
    });
  });
});

describe('without a TUN', () => {
  test('API and metrics run and say so, tunnels get 503; it recovers by itself', async () => {
    await using server = await TestServer.start({
      prepare: ({ engine }) => (engine.tun.failure = 'ENGINE_PERMISSION_DENIED'),
    });
    const alice = await server.connected(await server.addClient('alice'));
    const refused = await alice.request();
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    expect(server.refusals).toEqual(['TUN_DOWN']);
    expect(await server.sample('tun_interface_status')).toBe(0);
    expect(await server.sample('errors_total', { error_type: 'tun' })).toBeGreaterThan(0);
    const health = HealthModel.parse((await server.call('GET', '/health')).body);
    expect(health).toEqual({ status: 'degraded', problems: ['TUN_PERMISSION_DENIED'] });
    expect(server.printed.join('\n')).toContain('TUN_PERMISSION_DENIED');

    server.engine.tun.failure = null;
    server.clock.advance(5_000);
    await server.until('the TUN', async () => (await server.sample('tun_interface_status')) === 1);
    expect((await alice.request()).status).toBe(200);
  });

  test('that was lost while running: sessions stay, new ones get 503, then it is back', async () => {
    await using server = await TestServer.start();
    const alice = await server.connected(await server.addClient('alice'));
    const { sessionId } = await alice.request();
    server.engine.tun.lose();
    await server.until('the loss', async () => (await server.sample('tun_interface_status')) === 0);
    expect(await server.sample('errors_total', { error_type: 'tun' })).toBe(1);
    expect((await alice.request()).status).toBe(503);
    const { tun } = StatusModel.parse((await server.call('GET', '/api/v1/status')).body);
    expect(tun).toMatchObject({ active: false, problem: { code: 'TUN_FAILED' } });
    server.clock.advance(5_000);
    await server.until('the TUN', async () => (await server.sample('tun_interface_status')) === 1);
    expect((await alice.request()).status).toBe(200);
    expect(alice.closeOf(sessionId)).toBeNull();
  });
});

describe('a stop', () => {
  test('ends the sessions in order, records them, and leaves the host clean', async () => {
    const server = await TestServer.start();
    const alice = await server.connected(await server.addClient('alice'));
    const { sessionId } = await alice.request();
    expect(server.host.isClean).toBe(false);
    await server.stop();
    expect(alice.closeOf(sessionId)).toMatchObject({ cause: 'peerFinished' });
    expect(server.logs).toContainEqual(
      expect.objectContaining({ msg: 'session closed', reason: 'SERVER_STOPPING', clientId: 'alice' }),
    );
    expect(server.host.isClean).toBe(true);
    expect(existsSync(server.running.adminSocket)).toBe(false);
    expect(server.clock.pending).toBe(0);
    rmSync(server.directory, { recursive: true });
  });

  test('waits until the last session is recorded, however slow the disk', async () => {
    await using server = await TestServer.start();
    const alice = await server.connected(await server.addClient('alice'));
    await alice.request();
    let wake: () => void = () => undefined;
    const disk = new Promise<void>((resolve) => {
      wake = resolve;
    });
    server.pauses.set('sessionHistory', disk);
    let stopped = false;
    const stopping = server.running.stop().then(() => {
      stopped = true;
    });
    await server.until('the end of the session', () => closedSessions(server).length > 0);
    // Round trips over a real socket: time enough for a stop that does not wait.
    for (let call = 0; call < 5; call += 1) expect((await server.call('GET', '/health')).status).toBe(200);
    expect(stopped).toBe(false);
    wake();
    await stopping;
    expect(await historyOf(server)).toEqual([
      expect.objectContaining({ clientSlug: 'alice', cause: 'SERVER_STOPPING' }),
    ]);
  });

  test('is not held up by a disk that hangs', async () => {
    await using server = await TestServer.start();
    const alice = await server.connected(await server.addClient('alice'));
    await alice.request();
    server.pauses.set('sessionHistory', new Promise(() => undefined));
    await server.stop();
    expect(await historyOf(server)).toEqual([expect.objectContaining({ clientSlug: 'alice', cause: null })]);
  });

  test('is waited for by everybody who asks', async () => {
    const server = await TestServer.start();
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    rmSync(server.directory, { recursive: true });
  });
});

test('the log says why a connection ended, for connections of clients only', async () => {
  await using server = await TestServer.start();
  const credential = await server.addClient('alice');
  const alice = await server.connected(credential);
  await alice.request();
  const stranger = await server.connected(credential);
  stranger.disconnect();
  alice.disconnect();
  const lines = () => server.logs.filter(({ msg }) => msg === 'connection closed');
  await server.until('the line', async () => lines().length > 0);
  expect(lines()).toEqual([
    expect.objectContaining({ clientId: 'alice', reason: 'peerClosed', code: 0x100 }),
  ]);
});

test('sessions stay in the history for 90 days', async () => {
  await using server = await TestServer.start();
  const alice = await server.connected(await server.addClient('alice'));
  await alice.request();
  alice.disconnect();
  await server.until('the end of the session', () => {
    server.clock.advance(50);
    return closedSessions(server).length > 0;
  });
  const pruned = () => server.logs.filter(({ msg }) => msg === 'old sessions removed from the history');
  const day = 86_400_000;
  server.clock.advance(90 * day);
  await server.network.settle();
  expect(pruned()).toEqual([]);
  await server.until('the history to be pruned', () => {
    server.clock.advance(3_600_000);
    return pruned().length > 0;
  });
  await server.stop();
  expect(await historyOf(server)).toEqual([]);
});

test('after a restart clients, certificates and addresses are what they were', async () => {
  const clock = new ManualClock();
  const first = await TestServer.start({ clock });
  const credential = await first.addClient('alice');
  const before = await first.connected(credential);
  const addresses = await before.addresses(
    (await before.request(TestClient.headers({ instance }))).sessionId,
  );
  await first.stop();
  await using second = await TestServer.start({ clock, directory: first.directory });
  second.trust(credential.anchorsPem);
  const after = await second.connected(credential);
  const { sessionId } = await after.request(TestClient.headers({ instance }));
  expect(await after.addresses(sessionId)).toEqual(addresses);
});

describe('while the store is lost', () => {
  const full = new StoreError('STORE_FULL', 'the disk is full');

  test('sessions go on, changes and new tunnels are refused, errors count, and it recovers', async () => {
    await using server = await TestServer.start();
    const credential = await server.addClient('alice');
    const alice = await server.connected(credential);
    const open = await alice.request();
    server.storeFailure = full;
    expect((await alice.request()).status).toBe(503);
    expect(server.refusals).toEqual(['LEASE_NOT_STORED']);
    expect(await server.call('PATCH', '/api/v1/clients/alice', { enabled: false })).toMatchObject({
      status: 503,
      body: { code: 'STORE_FULL' },
    });
    expect(await server.call('GET', '/health')).toMatchObject({ body: { problems: ['STORE_UNAVAILABLE'] } });
    expect(alice.closeOf(open.sessionId)).toBeNull();
    expect(await server.sample('active_connections')).toBe(1);
    expect(await server.sample('errors_total', { error_type: 'masque' })).toBe(1);

    alice.engine.finish(open.sessionId);
    const unstored = 'leases could not be stored; trying again soon';
    await server.until('the end of the session', () => server.logs.some(({ msg }) => msg === unstored));
    server.storeFailure = null;
    // The record of the session that ended meanwhile was kept.
    server.clock.advance(1_000);
    await server.until('the record', async () => (await endedSessions(server)) === 1);
    expect(await server.sample('errors_total', { error_type: 'connection' })).toBe(0);
    expect((await alice.request()).status).toBe(200);
    expect((await server.call('PATCH', '/api/v1/clients/alice', { enabled: false })).status).toBe(200);
  });
});

test('the log of a whole life has no key, no request and no certificate in it (CIP-1608)', async () => {
  const server = await TestServer.start();
  const credential = await server.addClient('alice');
  const alice = await server.connected(credential);
  await alice.request();
  await server.call('PATCH', '/api/v1/clients/alice', { enabled: false });
  await server.stop();
  const text = JSON.stringify(server.logs);
  const secrets = [
    credential.keyPem,
    credential.chainPem,
    ...['ca.key', 'server.key', 'ca.pem'].map((name) =>
      readFileSync(join(server.config.server.stateDir, name), 'utf8'),
    ),
  ];
  expect(text).not.toContain('-----BEGIN');
  for (const secret of secrets) {
    const line = secret.split('\n')[1] ?? '';
    expect(line.length).toBeGreaterThan(40);
    expect(text).not.toContain(line);
  }
  rmSync(server.directory, { recursive: true });
});

function closedSessions(server: TestServer): readonly unknown[] {
  return server.logs.filter(({ msg }) => msg === 'session closed');
}

async function endedSessions(server: TestServer): Promise<number> {
  const { body } = await server.call('GET', '/api/v1/sessions/history?state=ended');
  return (body as { readonly items: readonly unknown[] }).items.length;
}

/** What a stopped server left in its history. */
async function historyOf(server: TestServer): Promise<readonly SessionRecord[]> {
  const opened = await openStore({
    location: { kind: 'sqlite', file: join(server.config.server.stateDir, 'masque-vpn.sqlite') },
    clock: server.clock,
    logger: pino({ level: 'silent' }),
  });
  if (!opened.ok) throw new Error(opened.error.message);
  await using store = opened.value;
  return await store.sessionHistory.list();
}
