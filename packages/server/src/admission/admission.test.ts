import type { HeaderField } from '@masque-vpn/engine';
import { fail, ok } from '@masque-vpn/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Credential } from '../testing/credential.js';
import { TestClient } from '../testing/testClient.js';
import { prefixOf, TestServer } from '../testing/testServer.js';

let server: TestServer;
let credential: Credential;

beforeAll(async () => {
  server = await TestServer.start();
  credential = await server.addClient('alice');
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  server.logs.length = 0;
});

function withHeader(name: string, value: string | null): readonly HeaderField[] {
  return TestClient.headers().flatMap(([own, before]): HeaderField[] =>
    own !== name ? [[own, before]] : value === null ? [] : [[own, value]],
  );
}

const path = (target: string, ipproto = '*') => `/.well-known/masque/ip/${target}/${ipproto}/`;

describe('a request is refused by its form, before anybody asks who sent it', () => {
  test.each([
    [404, 'REQUEST_PATH_UNKNOWN', ':path', '/somewhere/else/'],
    [404, 'REQUEST_PATH_UNKNOWN', ':path', '/.well-known/masque/ip/192.0.2.0/24/17/'],
    [501, 'REQUEST_PROTOCOL_UNKNOWN', ':protocol', 'connect-foo'],
    [421, 'REQUEST_AUTHORITY_UNKNOWN', ':scheme', 'http'],
    [421, 'REQUEST_AUTHORITY_UNKNOWN', ':authority', 'other.example'],
    [400, 'REQUEST_SCOPE_INVALID', ':path', path('*', '256')],
    [400, 'REQUEST_SCOPE_INVALID', ':path', path('192.0.2.1%2F24')],
  ])('%i %s', async (status, reason, name, value) => {
    const stranger = await server.connected(null);
    const answer = await stranger.request(withHeader(name, value));
    expect(answer.status).toBe(status);
    expect(server.refusals).toEqual([reason]);
    stranger.disconnect();
  });

  test('a malformed one is also reset with H3_MESSAGE_ERROR (CIP-306)', async () => {
    const alice = await server.connected(credential);
    const { sessionId } = await alice.request(withHeader(':path', path('*', '256')));
    expect(await alice.ended(sessionId)).toMatchObject({ code: 0x10e });
    alice.disconnect();
  });
});

describe('identity', () => {
  test('without a certificate every request gets the same 401, whatever it asks for (CIP-1601)', async () => {
    const stranger = await server.connected(null);
    const answers = [];
    for (const target of ['*', '127.0.0.1', 'does-not-exist.invalid', '198.51.100.7']) {
      const { status, headers } = await stranger.request(withHeader(':path', path(target)));
      answers.push({ status, headers });
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': expect.any(String) as unknown },
    });
    expect(server.refusals).toEqual(Array(4).fill('CERTIFICATE_MISSING'));
    stranger.disconnect();
  });

  test('a certificate of another authority does not get past TLS, and counts as an auth error', async () => {
    await using other = await TestServer.start();
    const foreign = await other.addClient('alice');
    const before = await server.sample('errors_total', { error_type: 'auth' });
    const client = server.client(foreign);
    await client.connect();
    expect(await server.sample('errors_total', { error_type: 'auth' })).toBe((before ?? 0) + 1);
    expect(await server.sample('active_connections')).toBe(0);
  });

  test('a disabled client gets 403, and 200 again once it is enabled', async () => {
    const bob = await server.connected(await server.addClient('bob'));
    await server.call('PATCH', '/api/v1/clients/bob', { enabled: false });
    const refused = await bob.request();
    expect([refused.status, refused.headers['proxy-status']]).toEqual([
      403,
      'masque-vpn; error=http_request_denied',
    ]);
    await server.call('PATCH', '/api/v1/clients/bob', { enabled: true });
    expect((await bob.request()).status).toBe(200);
    bob.disconnect();
  });

  test('a deleted client is unknown', async () => {
    const carol = await server.connected(await server.addClient('carol'));
    await server.call('DELETE', '/api/v1/clients/carol');
    expect((await carol.request()).status).toBe(403);
    expect(server.refusals).toEqual(['CERTIFICATE_UNKNOWN']);
    carol.disconnect();
  });
});

describe('scope', () => {
  test('a literal target gets addresses and routes of its family only (CIP-406, CIP-807)', async () => {
    const alice = await server.connected(credential);
    const { sessionId } = await alice.request(withHeader(':path', path('198.51.100.0%2F24', '17')));
    expect(await alice.routes(sessionId)).toEqual([
      { start: '198.51.100.0', end: '198.51.100.255', protocol: 17 },
    ]);
    expect(await alice.addresses(sessionId)).toHaveLength(1);
    alice.disconnect();
  });

  test.each([
    ['TARGET_PROHIBITED', 502, 'destination_ip_prohibited', '127.0.0.1', '*'],
    ['TARGET_PROHIBITED', 502, 'destination_ip_prohibited', 'fe80%3A%3A1', '*'],
    ['TARGET_PROHIBITED', 502, 'destination_ip_prohibited', '224.0.0.1', '*'],
    ['SCOPE_NOT_SERVED', 403, 'http_request_denied', '*', '44'],
  ])('%s', async (reason, status, error, target, ipproto) => {
    const alice = await server.connected(credential);
    const answer = await alice.request(withHeader(':path', path(target, ipproto)));
    expect([answer.status, answer.headers['proxy-status']]).toEqual([status, `masque-vpn; error=${error}`]);
    expect(server.refusals).toEqual([reason]);
    alice.disconnect();
  });

  test('a refusal takes no address (CIP-309)', async () => {
    const used = await server.sample('ip_pool_used');
    const stranger = await server.connected(null);
    const answer = await stranger.request(withHeader(':path', path('does-not-exist.invalid')));
    expect(answer.status).toBe(401);
    expect(await server.sample('ip_pool_used')).toBe(used);
    stranger.disconnect();
  });
});

describe('a host name as target', () => {
  const records: Readonly<Record<string, readonly string[]>> = {
    'both.example': ['2001:db8::2', '192.0.2.7', '2001:db8::1'],
    'rebound.example': ['127.0.0.1', '169.254.0.1'],
    'mixed.example': ['127.0.0.1', '192.0.2.8'],
    'nothing.example': [],
  };
  let asked: string[];
  let named: TestServer;
  let erin: TestClient;

  beforeAll(async () => {
    asked = [];
    named = await TestServer.start({
      resolveName: async (name) => {
        asked.push(name);
        if (name === 'slow.example') return fail('TARGET_TIMEOUT');
        const found = records[name];
        if (found === undefined) return fail('TARGET_UNRESOLVED');
        return ok(found.flatMap((text) => prefixOf(text).address));
      },
    });
    erin = await named.connected(await named.addClient('erin'));
  });
  afterAll(() => named[Symbol.asyncDispose]());

  test('is resolved before the answer; its addresses are the routes, in order (CIP-308, CIP-407)', async () => {
    const { sessionId } = await erin.request(withHeader(':path', path('both.example', '17')));
    expect(await erin.routes(sessionId)).toEqual([
      { start: '192.0.2.7', end: '192.0.2.7', protocol: 17 },
      { start: '2001:db8::1', end: '2001:db8::2', protocol: 17 },
    ]);
  });

  test('never leads to an address no client may reach (CIP-1602)', async () => {
    const { sessionId } = await erin.request(withHeader(':path', path('mixed.example')));
    expect(await erin.routes(sessionId)).toEqual([{ start: '192.0.2.8', end: '192.0.2.8', protocol: 0 }]);
  });

  test.each([
    ['rebound.example', 502, 'destination_ip_prohibited'],
    ['nothing.example', 502, 'dns_error'],
    ['unknown.example', 502, 'dns_error'],
    ['slow.example', 504, 'dns_timeout'],
  ])('%s → %i %s', async (name, status, error) => {
    const answer = await erin.request(withHeader(':path', path(name)));
    expect([answer.status, answer.headers['proxy-status']]).toEqual([status, `masque-vpn; error=${error}`]);
  });

  test('is not asked for strangers, nor above a limit (CIP-309)', async () => {
    asked.length = 0;
    const stranger = await named.connected(null);
    expect((await stranger.request(withHeader(':path', path('both.example')))).status).toBe(401);
    expect(asked).toEqual([]);
  });
});

describe('limits', () => {
  test('tunnels of one client, then of one connection: 503 with Retry-After (CIP-1604)', async () => {
    const sessions = { idleTimeoutMs: 30_000, perClient: 3, perConnection: 2, max: 4, drainMs: 1_000 };
    await using small = await TestServer.start({ config: { sessions } });
    const dave = await small.addClient('dave');
    const first = await small.connected(dave);
    const second = await small.connected(dave);
    const third = await small.connected(await small.addClient('erin'));
    const statuses = [];
    for (const client of [first, first, first, second, second, third, third]) {
      statuses.push((await client.request()).status);
    }
    expect(statuses).toEqual([200, 200, 503, 200, 503, 200, 503]);
    expect(small.refusals).toEqual(['LIMIT_PER_CONNECTION', 'LIMIT_PER_CLIENT', 'LIMIT_OF_SERVER']);
    const { headers } = await third.request();
    expect(headers).toMatchObject({
      'retry-after': expect.stringMatching(/^\d+$/) as unknown,
      'proxy-status': 'masque-vpn; error=connection_limit_reached',
    });
    expect(headers).not.toHaveProperty('capsule-protocol');
  });
});
