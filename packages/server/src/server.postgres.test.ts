import { copyFileSync, mkdirSync, mkdtempSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { locationOf, PostgresCluster } from './store/testing/postgresCluster.js';
import { TestClient } from './testing/testClient.js';
import { TestServer, testConfig, type TestServerOptions } from './testing/testServer.js';

describe('servers on PostgreSQL', () => {
  let cluster: PostgresCluster;
  beforeAll(async () => {
    cluster = await PostgresCluster.create({ durable: false });
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  /** A server with a state folder of its own, and the master key of another. */
  async function start(
    database: string,
    other?: TestServer,
    prepare?: TestServerOptions['prepare'],
  ): Promise<TestServer> {
    const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-'));
    if (other !== undefined) {
      mkdirSync(join(directory, 'state'));
      copyFileSync(join(other.config.server.stateDir, 'master.key'), join(directory, 'state', 'master.key'));
    }
    const store = locationOf(cluster.address, database);
    return TestServer.start({
      directory,
      config: { ...testConfig(directory), store },
      ...(prepare === undefined ? {} : { prepare }),
    });
  }

  test('while the database is gone tunnels go on and the API answers 503 at once; all of it recovers by itself', async () => {
    await cluster.createDatabase('gone');
    await using server = await start('gone');
    const alice = await server.connected(await server.addClient('alice'));
    const lasting = await alice.request();
    const ending = await alice.request();
    expect([lasting.status, ending.status]).toEqual([200, 200]);
    await cluster.stop();

    const askedAt = performance.now();
    const refused = await server.call('PATCH', '/api/v1/clients/alice', { enabled: false });
    expect(refused).toMatchObject({ status: 503, body: { code: 'STORE_UNAVAILABLE' } });
    expect(performance.now() - askedAt).toBeLessThan(5_000);
    expect(await server.call('GET', '/health')).toMatchObject({ body: { problems: ['STORE_UNAVAILABLE'] } });
    expect((await alice.request()).status).toBe(503);
    expect(alice.closeOf(lasting.sessionId)).toBeNull();
    expect(await server.sample('active_connections')).toBe(2);
    alice.engine.finish(ending.sessionId);
    await server.until('its end', async () => (await server.sample('active_connections')) === 1);

    await cluster.start();
    await vi.waitFor(
      async () => expect(await server.call('GET', '/health')).toMatchObject({ body: { status: 'ok' } }),
      { timeout: 10_000 },
    );
    server.clock.advance(5_000);
    await server.until('the record of what ended meanwhile', async () => {
      const { body } = await server.call('GET', '/api/v1/sessions/history?state=ended');
      return (body as { readonly items: readonly unknown[] }).items.length === 1;
    });
    expect((await alice.request()).status).toBe(200);
    expect((await server.call('PATCH', '/api/v1/clients/alice', { enabled: false })).status).toBe(200);
    await server.until('the end of every session', () => alice.closeOf(lasting.sessionId) !== null);
  }, 60_000);

  test('share clients, never an address, and what one revokes ends on the others', async () => {
    await cluster.createDatabase('shared');
    await using one = await start('shared');
    const credential = await one.addClient('alice');
    await using two = await start('shared', one);
    two.trust(credential.anchorsPem);
    const [onOne, onTwo] = [await one.connected(credential), await two.connected(credential)];
    const [first, second] = [await onOne.request(), await onTwo.request()];
    expect([first.status, second.status]).toEqual([200, 200]);
    const opened = [...one.logs, ...two.logs].filter(({ msg }) => msg === 'session opened');
    const addresses = opened.flatMap(({ addresses: each }) => each as string[]);
    expect(new Set(addresses).size).toBe(4);

    const client = async (server: TestServer): Promise<unknown> =>
      (await server.call('GET', '/api/v1/clients/alice')).body;
    for (const server of [one, two]) {
      await server.until('the session elsewhere', async () => {
        const { openSessions } = (await client(server)) as { readonly openSessions: number };
        return openSessions === 2;
      });
      const { addresses: known } = (await client(server)) as { readonly addresses: string[] };
      expect(new Set(known)).toEqual(new Set(addresses));
    }
    const { body } = await one.call('GET', '/api/v1/sessions/history?state=open');
    const sessions = (body as { readonly items: readonly { readonly server: unknown }[] }).items;
    const places = sessions.map(({ server }) => server as { readonly id: string; readonly name: string });
    expect(new Set(places.map(({ id }) => id)).size).toBe(2);
    expect(places.map(({ name }) => name)).toEqual([hostname(), hostname()]);

    expect((await one.call('PATCH', '/api/v1/clients/alice', { enabled: false })).status).toBe(200);
    await two.until('the end of the session elsewhere', () => onTwo.closeOf(second.sessionId) !== null);
    expect((await onTwo.request()).status).not.toBe(200);
    // Counters of what ended are settled every 5 seconds; then its record is written.
    for (const server of [one, two]) server.clock.advance(5_000);
    for (const server of [one, two]) {
      await server.until('nobody to be online', async () => {
        const { body: online } = await server.call('GET', '/api/v1/clients?online=true');
        return (online as { readonly items: readonly unknown[] }).items.length === 0;
      });
    }
  }, 60_000);

  test('a client has no more sessions than it may on all of them together; one that moves leaves its own behind', async () => {
    await cluster.createDatabase('together');
    await using one = await start('together');
    const credential = await one.addClient('alice');
    await using two = await start('together', one);
    two.trust(credential.anchorsPem);
    const limits = { maxSessions: 2 };
    expect((await one.call('PATCH', '/api/v1/clients/alice', { limits })).status).toBe(200);
    const [onOne, onTwo] = [await one.connected(credential), await two.connected(credential)];
    const laptop = TestClient.headers({ instance: '0b5e7a3c-2f7d-4f5b-9a39-5d7f0f3c8a11' });
    const first = await onOne.request(laptop);
    expect(first.status).toBe(200);
    const known = async (server: TestServer, count: number): Promise<void> =>
      server.until(`${count} sessions`, async () => {
        const { body } = await server.call('GET', '/api/v1/clients/alice');
        return (body as { readonly openSessions: number }).openSessions === count;
      });
    await known(two, 1);
    await two.until('the limit', async () => {
      const { body } = await two.call('GET', '/api/v1/clients/alice');
      return (body as { readonly limits: { readonly maxSessions: unknown } }).limits.maxSessions === 2;
    });
    expect((await onTwo.request()).status).toBe(200);
    expect([(await onTwo.request()).status, two.refusals]).toEqual([503, ['LIMIT_PER_CLIENT']]);
    await known(one, 2);
    expect((await onOne.request()).status).toBe(503);
    expect((await onTwo.request(laptop)).status).toBe(200);
    // What ended is over for the others when its record is written, after 5 seconds.
    onOne.engine.finish(first.sessionId);
    await one.until('its end', async () => (await one.sample('active_connections')) === 0);
    one.clock.advance(5_000);
    await known(two, 2);
    await known(one, 2);
  }, 60_000);

  test('what changes while a server starts, after it has read it, is known to it', async () => {
    await cluster.createDatabase('gap');
    await using one = await start('gap');
    const credential = await one.addClient('alice');
    const settings = { auditDays: 77 };
    const change = async (): Promise<void> => {
      const made = [
        await one.call('PATCH', '/api/v1/clients/alice', { enabled: false }),
        await one.call('PATCH', '/api/v1/settings', settings),
        await one.call('POST', '/api/v1/groups', { id: 'late' }),
      ];
      expect(made.map(({ status }) => status)).toEqual([200, 200, 201]);
    };
    let changed: Promise<void> | null = null;
    await using two = await start('gap', one, ({ pauses }) => {
      // The next that a start reads, after clients, policy and settings.
      changed = change().finally(() => pauses.delete('webhooks'));
      pauses.set('webhooks', changed);
    });
    expect(changed).not.toBeNull();
    two.trust(credential.anchorsPem);
    await two.until('the client to be disabled', async () => {
      const { body } = await two.call('GET', '/api/v1/clients/alice');
      return !(body as { readonly enabled: boolean }).enabled;
    });
    await two.until('the settings', async () => {
      const { body } = await two.call('GET', '/api/v1/settings');
      return (body as { readonly auditDays: number }).auditDays === settings.auditDays;
    });
    await two.until('the group', async () => (await two.call('GET', '/api/v1/groups/late')).status === 200);
    expect((await (await two.connected(credential)).request()).status).not.toBe(200);
  }, 60_000);

  test('a server that starts again closes the sessions it left open itself, not those of others', async () => {
    await cluster.createDatabase('restart');
    const one = await start('restart');
    const credential = await one.addClient('alice');
    await using two = await start('restart', one);
    two.trust(credential.anchorsPem);
    await (await two.connected(credential)).request();
    await one.stop();
    await using again = await TestServer.start({ directory: one.directory, config: one.config });
    await vi.waitFor(async () =>
      expect(await again.call('GET', '/api/v1/sessions/history?state=open')).toMatchObject({
        body: { items: [{ clientId: 'alice' }] },
      }),
    );
  }, 60_000);
});
