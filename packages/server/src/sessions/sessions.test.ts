import { CapsuleType, encodeAddressRequest } from '@masque-vpn/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Credential } from '../testing/credential.js';
import { TestClient } from '../testing/testClient.js';
import { prefixOf, testConfig, TestServer } from '../testing/testServer.js';

const instance = '0b5e7a3c-2f7d-4f5b-9a39-5d7f0f3c8a11';
const otherInstance = '1b5e7a3c-2f7d-4f5b-9a39-5d7f0f3c8a11';

let server: TestServer;
let alice: Credential;

beforeEach(async () => {
  server = await TestServer.start();
  alice = await server.addClient('alice');
});
afterEach(() => server[Symbol.asyncDispose]());

const used = () => server.sample('ip_pool_used');

describe('addresses', () => {
  test('are the same again after a reconnect (sticky), and for another instance others', async () => {
    const first = await server.connected(alice);
    const before = await first.addresses((await first.request(TestClient.headers({ instance }))).sessionId);
    first.disconnect();
    await server.until(
      'the end of the session',
      async () => (await server.sample('active_connections')) === 0,
    );
    const second = await server.connected(alice);
    const other = await second.request(TestClient.headers({ instance: otherInstance }));
    expect(await second.addresses(other.sessionId)).not.toEqual(before);
    const again = await second.request(TestClient.headers({ instance }));
    expect(await second.addresses(again.sessionId)).toEqual(before);
  });

  test('stay used while in quarantine, and are free after it (CIP-1306)', async () => {
    const client = await server.connected(alice);
    const { sessionId } = await client.request();
    const [address] = await client.addresses(sessionId);
    client.disconnect();
    await server.until(
      'the end of the session',
      async () => (await server.sample('active_connections')) === 0,
    );
    expect(await used()).toBe(1);
    expect(server.host.forgotten).toContain(address);
    server.clock.advance(60_000);
    expect(await used()).toBe(0);
  });

  test('that are all taken: the next one gets 503, and nobody else notices', async () => {
    const pool = { ipv4: [prefixOf('10.89.0.0/30')], ipv6: [], quarantineMs: 60_000 };
    await using small = await TestServer.start({ config: { pool } });
    const bob = await small.connected(await small.addClient('bob'));
    const open = await bob.request();
    const carol = await small.connected(await small.addClient('carol'));
    const refused = await carol.request();
    expect([open.status, refused.status, refused.headers['proxy-status']]).toEqual([
      200,
      503,
      'masque-vpn; error=connection_limit_reached',
    ]);
    expect(small.refusals).toEqual(['POOL_EXHAUSTED']);
    expect(await small.sample('ip_pool_available')).toBe(0);
    expect(await small.sample('errors_total', { error_type: 'masque' })).toBe(1);
    expect(bob.closeOf(open.sessionId)).toBeNull();
    expect(await small.sample('active_connections')).toBe(1);
  });
});

describe('a request of the same client and instance', () => {
  test('replaces the older session at once, with the same addresses', async () => {
    const first = await server.connected(alice);
    const older = await first.request(TestClient.headers({ instance }));
    const addresses = await first.addresses(older.sessionId);
    const second = await server.connected(alice);
    const newer = await second.request(TestClient.headers({ instance }));
    expect(await second.addresses(newer.sessionId)).toEqual(addresses);
    expect(await first.ended(older.sessionId)).toMatchObject({ code: 0x10c });
    expect(await server.sample('active_connections')).toBe(1);
    expect(await used()).toBe(1);
    expect(second.closeOf(newer.sessionId)).toBeNull();
  });

  test('does not count against the limit of its client', async () => {
    const sessions = { ...testConfig('').sessions, perClient: 1 };
    await using strict = await TestServer.start({ config: { sessions } });
    const bob = await strict.addClient('bob');
    const first = await strict.connected(bob);
    const second = await strict.connected(bob);
    expect((await first.request(TestClient.headers({ instance }))).status).toBe(200);
    expect((await second.request(TestClient.headers({ instance }))).status).toBe(200);
    expect((await second.request(TestClient.headers({ instance: otherInstance }))).status).toBe(503);
  });

  test('without an instance id nothing is replaced', async () => {
    const client = await server.connected(alice);
    await client.request();
    await client.request();
    expect(await server.sample('active_connections')).toBe(2);
  });
});

describe('capsules', () => {
  const malformed = { type: CapsuleType.addressAssign, value: Uint8Array.from([0, 5, 1, 2, 3, 4, 32]) };

  test('a malformed one ends its session with 0x10e and no other (CIP-318, CIP-701)', async () => {
    const client = await server.connected(alice);
    const bad = await client.request();
    const good = await client.request();
    client.engine.sendCapsules(bad.sessionId, [malformed]);
    expect(await client.ended(bad.sessionId)).toMatchObject({ cause: 'peerReset', code: 0x10e });
    await server.until('its record', async () => (await server.sample('active_connections')) === 1);
    expect(client.closeOf(good.sessionId)).toBeNull();
    expect(await server.sample('errors_total', { error_type: 'masque' })).toBe(1);
    expect(server.logs).toContainEqual(
      expect.objectContaining({ msg: 'capsule refused', reason: 'CAPSULE_IP_VERSION', clientId: 'alice' }),
    );
  });

  test('before the answer wait for it, and are answered after it (CIP-317, CIP-714)', async () => {
    const client = await server.connected(alice);
    const request = encodeAddressRequest([{ requestId: 7n, prefix: prefixOf('0.0.0.0/32') }]);
    const sessionId = client.send(TestClient.headers(), [request]);
    expect((await client.answerTo(sessionId)).status).toBe(200);
    await server.until(
      'an answer to the request',
      () => client.of('capsules').flatMap(({ capsules }) => capsules).length >= 3,
    );
    expect(await client.addresses(sessionId)).toHaveLength(2);
    expect(await used()).toBe(1);
  });

  test('after a refusal change nothing', async () => {
    const stranger = await server.connected(null);
    const sessionId = stranger.send(TestClient.headers(), [malformed]);
    expect((await stranger.answerTo(sessionId)).status).toBe(401);
    expect(await server.sample('errors_total', { error_type: 'masque' })).toBe(0);
  });
});

describe('while the lease of a request is being stored', () => {
  let resume: () => void;
  let client: TestClient;

  beforeEach(async () => {
    client = await server.connected(alice);
    const disk = new Promise<void>((resolve) => {
      resume = () => {
        server.pauses.delete('leases');
        resolve();
      };
    });
    server.pauses.set('leases', disk);
  });
  const failed = { method: 'CONNECT', status: 'failed' };

  test('the client goes away: nothing is opened, and the address goes to quarantine', async () => {
    const sessionId = client.send();
    await server.until('the lease', async () => (await used()) === 1);
    client.engine.abort(sessionId, 0x10c);
    await server.until('the end', async () => (await server.sample('masque_requests_total', failed)) === 1);
    resume();
    server.clock.advance(60_000);
    await server.until('an empty pool', async () => {
      server.clock.advance(60_000);
      return (await used()) === 0;
    });
    expect(await server.sample('total_connections')).toBe(0);
  });

  test('the client is disabled: the request is refused', async () => {
    const sessionId = client.send();
    await server.until('the lease', async () => (await used()) === 1);
    const disabled = server.call('PATCH', '/api/v1/clients/alice', { enabled: false });
    expect(await client.answerTo(sessionId)).toMatchObject({ status: 403 });
    resume();
    await disabled;
    await server.until('an empty pool', async () => {
      server.clock.advance(60_000);
      return (await used()) === 0;
    });
    expect(await server.sample('total_connections')).toBe(0);
  });

  test('a newer request of the same instance replaces it', async () => {
    const older = client.send(TestClient.headers({ instance }));
    await server.until('the lease', async () => (await used()) === 1);
    const newer = client.send(TestClient.headers({ instance }));
    expect(await client.answerTo(older)).toMatchObject({ status: 503 });
    resume();
    expect(await client.answerTo(newer)).toMatchObject({ status: 200 });
    expect(server.refusals).toEqual(['REQUEST_REPLACED']);
    expect(await server.sample('active_connections')).toBe(1);
  });
});

describe('the end of a session', () => {
  test('is recorded with its cause and its counters', async () => {
    const client = await server.connected(alice);
    const { sessionId } = await client.request();
    server.clock.advance(90_000);
    client.engine.finish(sessionId);
    await client.ended(sessionId);
    const closed = () => server.logs.find(({ msg }) => msg === 'session closed');
    await server.until('the log line', () => {
      server.clock.advance(50);
      return closed() !== undefined;
    });
    const opened = server.logs.find(({ msg }) => msg === 'session opened');
    expect(closed()).toMatchObject({
      clientId: 'alice',
      sessionId: opened?.['sessionId'],
      reason: 'peerFinished',
      seconds: 90,
      bytesIn: 0,
    });
    expect(await server.sample('connection_duration_seconds_count', { client_id: 'alice' })).toBe(1);
  });

  test.each([
    ['PATCH', { enabled: false }],
    ['DELETE', undefined],
  ])('comes at once when the client is disabled or deleted (%s, CIP-1307)', async (method, body) => {
    const client = await server.connected(alice);
    const { sessionId } = await client.request();
    await server.call(method, '/api/v1/clients/alice', body);
    expect(await client.ended(sessionId)).toMatchObject({ cause: 'peerReset', code: 0x10c });
    await server.until('no session', async () => (await server.sample('active_connections')) === 0);
  });

  test('comes with the idle timeout when the client’s machine dies, and its series stay', async () => {
    const client = await server.connected(alice);
    await client.request();
    client.engine.kill();
    server.clock.advance(31_000);
    await server.until('no session', async () => (await server.sample('active_connections')) === 0);
    expect(await server.sample('bytes_sent_total', { client_id: 'alice' })).toBe(0);
  });
});
