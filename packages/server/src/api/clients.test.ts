import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Credential } from '../testing/credential.js';
import { makeKeyAndRequest } from '../testing/credential.js';
import { TestClient } from '../testing/testClient.js';
import { TestServer } from '../testing/testServer.js';
import {
  ClientListModel,
  ClientModel,
  PastSessionListModel,
  ProblemModel,
  type NewClientModel,
} from './models.js';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server[Symbol.asyncDispose]());

const clients = '/api/v1/clients';
const create = (body: Partial<NewClientModel> & { readonly name: string }) =>
  server.call('POST', clients, body);
const change = (id: string, body: unknown, headers = {}) =>
  server.call('PATCH', `${clients}/${id}`, body, headers);
const get = async (id: string) => ClientModel.parse((await server.call('GET', `${clients}/${id}`)).body);
const codeOf = ({ status, body }: { readonly status: number; readonly body: unknown }) =>
  status < 400 ? status : ProblemModel.parse(body).code;
const audited = async (filter = '') => {
  const { body } = await server.call('GET', `/api/v1/audit${filter}`);
  return (body as { items: { action: string; detail: Record<string, unknown> }[] }).items;
};

describe('creating a client', () => {
  test('with everything there is to say about it', async () => {
    const limits = {
      rateUpBytesPerSecond: 1_000_000,
      rateDownBytesPerSecond: null,
      monthlyQuotaBytes: 10 ** 12,
      maxSessions: 2,
      routes: ['10.0.0.0/8'],
      dns: { servers: ['10.0.0.53'], searchDomains: ['example.org'] },
      fixedIpv4: '10.89.0.9',
      fixedIpv6: 'FD4D:5156:504E::0009',
    };
    const expiresAtMs = Date.now() + 86_400_000;
    const created = await create({
      name: 'alice',
      displayName: 'Alice’s laptop',
      note: 'a',
      expiresAtMs,
      limits,
    });
    expect(created).toMatchObject({ status: 201, body: { certificatePem: null, enrolment: null } });
    expect(await get('alice')).toMatchObject({
      displayName: 'Alice’s laptop',
      note: 'a',
      expiresAtMs,
      enabled: true,
      version: 1,
      groups: ['default'],
      limits: { ...limits, fixedIpv6: 'fd4d:5156:504e::9' },
      certificates: [],
      openSessions: 0,
      lastConnectedAtMs: null,
    });
    expect(await audited('?action=client.create')).toMatchObject([
      { action: 'client.create', detail: { displayName: 'Alice’s laptop', fixedIpv4: '10.89.0.9' } },
    ]);
  });

  test('of a name that is taken is refused, and changes nothing', async () => {
    await create({ name: 'alice', note: 'first' });
    expect(codeOf(await create({ name: 'alice', note: 'second' }))).toBe('CLIENT_EXISTS');
    expect((await get('alice')).note).toBe('first');
    expect(await audited('?action=client.')).toHaveLength(1);
  });

  test('in a group that does not exist leaves no client behind', async () => {
    expect(codeOf(await create({ name: 'alice', groups: ['nobody'] }))).toBe('GROUP_NOT_FOUND');
    expect((await server.call('GET', `${clients}/alice`)).status).toBe(404);
    expect(codeOf(await create({ name: 'alice', groups: [] }))).toBe(201);
    expect((await get('alice')).groups).toEqual([]);
  });

  test.each([
    ['outside of every pool', '192.0.2.1', 'FIXED_ADDRESS_OUTSIDE_POOL'],
    ['the server’s own', '10.89.0.1', 'FIXED_ADDRESS_OUTSIDE_POOL'],
    ['another client’s', '10.89.0.9', 'FIXED_ADDRESS_TAKEN'],
    ['of the other family', 'fd4d:5156:504e::5', 'FIXED_ADDRESS_OUTSIDE_POOL'],
  ])('with an address that is %s is refused', async (_, fixedIpv4, code) => {
    await create({ name: 'bob', limits: { fixedIpv4: '10.89.0.9' } });
    expect(codeOf(await create({ name: 'alice', limits: { fixedIpv4 } }))).toBe(code);
  });

  test('with a key that is too weak or no request at all is refused', async () => {
    expect(codeOf(await create({ name: 'alice', csrPem: 'not a request' }))).toBe('PKI_BAD_CSR');
    expect((await server.call('GET', `${clients}/alice`)).status).toBe(404);
  });

  test.each<[string, Record<string, unknown>]>([
    ['a name with markup', { name: '<b>x</b>' }],
    ['a name with a slash', { name: '../etc' }],
    ['a name of 64 characters', { name: 'a'.repeat(64) }],
    ['an unknown field', { name: 'alice', admin: true }],
    ['a display name of 201 characters', { name: 'alice', displayName: 'x'.repeat(201) }],
    ['an empty display name', { name: 'alice', displayName: '   ' }],
    ['a display name that turns the direction of text', { name: 'alice', displayName: 'abc\u202egnp.exe' }],
    ['a display name with a line feed', { name: 'alice', displayName: 'a\nb' }],
    ['a display name with a lone surrogate', { name: 'alice', displayName: 'a\ud800' }],
    ['an expiry before 1970', { name: 'alice', expiresAtMs: -1 }],
    ['an expiry that is a text', { name: 'alice', expiresAtMs: 'tomorrow' }],
    ['a rate of 0', { name: 'alice', limits: { rateUpBytesPerSecond: 0 } }],
    ['a prefix with host bits', { name: 'alice', limits: { routes: ['10.0.0.1/8'] } }],
    ['a request and a link', { name: 'alice', csrPem: 'x', enrolment: {} }],
    ['a host that is no host', { name: 'alice', host: 'a b' }],
  ])('with %s is refused', async (_, body) => {
    expect(codeOf(await server.call('POST', clients, body))).toBe('API_REQUEST_INVALID');
  });

  test.each([
    ['markup', '<script>alert(1)</script>'],
    ['right-to-left letters', 'הטלפון של דנה'],
    ['200 characters beyond the basic plane', '🦊'.repeat(200)],
    ['quotes and backslashes', `'; DROP TABLE clients; -- "\\`],
  ])('keeps a display name with %s as it is', async (_, displayName) => {
    await create({ name: 'alice', displayName });
    await create({ name: 'bob', displayName });
    expect((await get('alice')).displayName).toBe(displayName);
    expect((await get('bob')).displayName).toBe(displayName);
  });
});

describe('changing a client', () => {
  beforeEach(async () => {
    await create({ name: 'alice' });
  });

  test('says its version, and refuses whoever saw another', async () => {
    const first = await server.call('GET', `${clients}/alice`);
    expect(first.headers.etag).toBe('"1"');
    const changed = await change('alice', { note: 'one' }, { 'if-match': '"1"' });
    expect([changed.status, changed.headers.etag]).toEqual([200, '"2"']);
    const late = await change('alice', { note: 'two' }, { 'if-match': '"1"' });
    expect(codeOf(late)).toBe('API_VERSION_CONFLICT');
    expect(late.status).toBe(412);
    expect(codeOf(await change('alice', { note: 'three' }))).toBe(200);
    expect(codeOf(await server.call('DELETE', `${clients}/alice`, undefined, { 'if-match': '"1"' }))).toBe(
      'API_VERSION_CONFLICT',
    );
  });

  test('of two at once with the same version one wins', async () => {
    const both = await Promise.all(
      ['a', 'b'].map((note) => change('alice', { note }, { 'if-match': '"1"' })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await get('alice')).version).toBe(2);
  });

  test('to what it is already changes nothing', async () => {
    await change('alice', { displayName: 'Alice' });
    expect(await change('alice', { displayName: 'Alice', enabled: true })).toMatchObject({
      body: { version: 2 },
    });
    expect(await audited('?action=client.update')).toHaveLength(1);
  });

  test('tells the audit log what was and what is', async () => {
    await change('alice', { enabled: false, groups: [], limits: { maxSessions: 3 } });
    expect(await audited('?target=alice&action=client.update')).toMatchObject([
      {
        detail: {
          enabled: { from: true, to: false },
          maxSessions: { from: null, to: 3 },
          groups: { from: ['default'], to: [] },
        },
      },
    ]);
  });

  test('that does not exist, or into a group that does not, is refused', async () => {
    expect(codeOf(await change('nobody', { enabled: false }))).toBe('CLIENT_NOT_FOUND');
    expect(codeOf(await change('alice', { note: 'x', groups: ['nobody'] }))).toBe('GROUP_NOT_FOUND');
    expect(await get('alice')).toMatchObject({ note: null, groups: ['default'], version: 1 });
  });

  test('deletes it for good; its name is free again', async () => {
    expect((await server.call('DELETE', `${clients}/alice`)).status).toBe(204);
    expect(codeOf(await server.call('DELETE', `${clients}/alice`))).toBe('CLIENT_NOT_FOUND');
    expect(codeOf(await create({ name: 'alice' }))).toBe(201);
  });
});

describe('a list of clients', () => {
  test('comes in pages, filtered and in order', async () => {
    for (const name of ['carol', 'alice', 'bob', 'dave']) await create({ name, enabled: name !== 'bob' });
    const page = async (query: string) =>
      ClientListModel.parse((await server.call('GET', `${clients}?${query}`)).body);
    const walked: string[] = [];
    let cursor = '';
    do {
      const { items, nextCursor } = await page(`limit=3${cursor}`);
      walked.push(...items.map(({ id }) => id));
      cursor = nextCursor === null ? '' : `&cursor=${nextCursor}`;
    } while (cursor !== '');
    expect(walked).toEqual(['alice', 'bob', 'carol', 'dave']);
    const ids = async (query: string) => (await page(query)).items.map(({ id }) => id);
    expect(await ids('enabled=false')).toEqual(['bob']);
    expect(await ids('q=A&order=desc')).toEqual(['dave', 'carol', 'alice']);
    expect(await ids('group=default&limit=1')).toEqual(['alice']);
    expect(await ids('online=true')).toEqual([]);
  });

  test.each([
    'limit=0',
    'limit=501',
    'sort=password',
    'cursor=!!',
    'cursor=e30',
    'enabled=maybe',
    'x=1',
    'q=',
  ])('with ?%s is refused', async (query) => {
    expect(codeOf(await server.call('GET', `${clients}?${query}`))).toBe('API_REQUEST_INVALID');
  });
});

describe('a client that loses access', () => {
  const instance = '0b5e7a3c-2f7d-4f5b-9a39-5d7f0f3c8a11';
  let credential: Credential;
  let client: TestClient;
  let sessionId: Awaited<ReturnType<TestClient['request']>>['sessionId'];

  beforeEach(async () => {
    credential = await server.addClient('alice');
    client = await server.connected(credential);
    ({ sessionId } = await client.request(TestClient.headers({ instance })));
  });

  /** Cause of the last session in the history. */
  const lastCause = async (): Promise<string | null> => {
    await server.until('its record', async () => {
      server.clock.advance(50);
      const { body } = await server.call('GET', '/api/v1/sessions/history?client=alice&state=ended');
      return PastSessionListModel.parse(body).items.length > 0;
    });
    const { body } = await server.call('GET', '/api/v1/sessions/history?client=alice&state=ended');
    return PastSessionListModel.parse(body).items[0]?.cause ?? null;
  };

  test.each<[string, string, () => Promise<unknown>]>([
    ['by being disabled', 'CLIENT_DISABLED', () => change('alice', { enabled: false })],
    ['by an expiry that is over', 'CLIENT_EXPIRED', () => change('alice', { expiresAtMs: 1 })],
    ['by being deleted', 'CLIENT_DELETED', () => server.call('DELETE', `${clients}/alice`)],
  ])('%s loses its session at once, and its connection a little later', async (_, cause, act) => {
    await act();
    expect(await client.ended(sessionId)).toMatchObject({ cause: 'peerReset', code: 0x10c });
    expect(await lastCause()).toBe(cause);
    const refused = await client.request();
    expect(refused.status).toBe(403);
    server.clock.advance(2_000);
    await server.until('the end of the connection', () => client.of('connectionClosed').length > 0);
    expect(await server.sample('revocation_delay_seconds_count')).toBe(1);
  });

  test('by its own time loses its session at that moment, and is refused from then on', async () => {
    const expiresAtMs = Math.trunc(server.clock.now()) + 60_000;
    await change('alice', { expiresAtMs });
    server.clock.advance(59_999);
    await server.network.settle();
    expect(client.closeOf(sessionId)).toBeNull();
    server.clock.advance(1);
    await client.ended(sessionId);
    expect(await lastCause()).toBe('CLIENT_EXPIRED');
    expect((await client.request()).status).toBe(403);
    expect(server.refusals).toEqual(['CLIENT_EXPIRED']);
    expect(await audited('?action=session.expire')).toMatchObject([
      { actor: { kind: 'system' }, detail: { cause: 'CLIENT_EXPIRED' } },
    ]);
  });

  test('whose time is extended keeps its session', async () => {
    const now = Math.trunc(server.clock.now());
    await change('alice', { expiresAtMs: now + 10_000 });
    await change('alice', { expiresAtMs: now + 20_000 });
    server.clock.advance(15_000);
    await server.network.settle();
    expect(client.closeOf(sessionId)).toBeNull();
    await change('alice', { expiresAtMs: null });
    server.clock.advance(15_000);
    await server.network.settle();
    expect(client.closeOf(sessionId)).toBeNull();
  });

  test('because its certificate expires loses the session made with it', async () => {
    const [certificate] = (await get('alice')).certificates;
    const end = (certificate?.notAfterMs ?? 0) + 1_000;
    // The transport would give up first: it hears nothing while the clock jumps.
    server.clock.advance(end - server.clock.now());
    await client.ended(sessionId);
    await server.until('the log line', () => {
      server.clock.advance(50);
      return server.logs.some(({ msg }) => msg === 'session closed');
    });
    expect(server.logs.find(({ msg }) => msg === 'session closed')).toMatchObject({
      reason: 'CERTIFICATE_EXPIRED',
    });
  });

  test('may come back when it is enabled again', async () => {
    await change('alice', { enabled: false });
    await client.ended(sessionId);
    await change('alice', { enabled: true });
    const again = await client.request(TestClient.headers({ instance }));
    expect(again.status).toBe(200);
    server.clock.advance(3_000);
    await server.network.settle();
    expect(client.closeOf(again.sessionId)).toBeNull();
  });

  test('is not followed by others', async () => {
    const bob = await server.connected(await server.addClient('bob'));
    const other = await bob.request();
    await change('alice', { enabled: false });
    await client.ended(sessionId);
    expect(bob.closeOf(other.sessionId)).toBeNull();
  });

  test('and asks again and again is in the history ten times at most', async () => {
    await change('alice', { enabled: false });
    for (let index = 0; index < 15; index += 1) await client.request();
    const recorded = async () => {
      const { body } = await server.call('GET', '/api/v1/sessions/history?client=alice&state=refused');
      return PastSessionListModel.parse(body).items;
    };
    await server.until('the records', async () => (await recorded()).length >= 10);
    const items = await recorded();
    expect(items).toHaveLength(10);
    expect(new Set(items.map(({ cause }) => cause))).toEqual(new Set(['CLIENT_DISABLED']));
  });
});

test('a client made with a request gets a certificate of its own name, and of no other', async () => {
  const { csrPem } = await makeKeyAndRequest('alice');
  expect(codeOf(await create({ name: 'mallory', csrPem }))).toBe('PKI_FOREIGN_NAMES');
  expect(codeOf(await create({ name: 'alice', csrPem }))).toBe(201);
  const [certificate] = (await get('alice')).certificates;
  expect(certificate?.revokedAtMs).toBeNull();
});

test('a client made with an enrolment link has no certificate yet, and the link is said once', async () => {
  const created = await create({ name: 'alice', enrolment: { lifetimeHours: 2 } });
  expect(created).toMatchObject({ status: 201, body: { certificatePem: null } });
  const { enrolment } = created.body as { enrolment: { id: string; link: string; expiresAtMs: number } };
  expect(enrolment.expiresAtMs - server.clock.now()).toBeCloseTo(2 * 3_600_000, -3);
  expect((await get('alice')).certificates).toEqual([]);
  const secret = enrolment.link.split(/[#/?=]/).at(-1) ?? '';
  expect(secret.length).toBeGreaterThan(10);
  const everywhere = JSON.stringify([
    await audited(),
    server.logs,
    (await server.call('GET', '/api/v1/enrolments')).body,
    (await server.call('GET', '/api/v1/logs?limit=500')).body,
  ]);
  expect(everywhere).not.toContain(secret);
});
