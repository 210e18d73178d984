import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Credential } from '../testing/credential.js';
import { prefixOf, TestServer } from '../testing/testServer.js';
import {
  ConfigurationModel,
  LeaseListModel,
  LogListModel,
  PastSessionListModel,
  PoolsModel,
  ProblemModel,
  SessionDetailModel,
  SessionListModel,
  WebhookSecretModel,
} from './models.js';

let server: TestServer;
let alice: Credential;
beforeEach(async () => {
  server = await TestServer.start();
  alice = await server.addClient('alice');
});
afterEach(() => server[Symbol.asyncDispose]());

const get = async (path: string) => (await server.call('GET', `/api/v1/${path}`)).body;
const codeOf = ({ status, body }: { readonly status: number; readonly body: unknown }) =>
  status < 400 ? status : ProblemModel.parse(body).code;
const sessions = async (query = '') => SessionListModel.parse(await get(`sessions${query}`)).items;

describe('sessions', () => {
  test('are shown with their client, counters and path', async () => {
    const client = await server.connected(alice);
    const { sessionId } = await client.request();
    const addresses = await client.addresses(sessionId);
    const [session, ...rest] = await sessions();
    expect(rest).toEqual([]);
    expect(session).toMatchObject({ clientId: 'alice', addresses, bytesSent: 0, dropsSending: 0 });
    expect(session?.path).toEqual({
      rttMs: expect.any(Number) as number,
      lossRatio: expect.any(Number) as number,
      pathMtu: expect.any(Number) as number,
      congestionWindowBytes: expect.any(Number) as number,
      congestionRate: null,
      congestionMode: 'startup',
    });
    const detail = SessionDetailModel.parse(await get(`sessions/${session?.id ?? ''}`));
    expect(detail).toMatchObject({ state: 'open', clientId: 'alice', live: session, endedAtMs: null });
  });

  test('come in pages and by client', async () => {
    const client = await server.connected(alice);
    for (let index = 0; index < 3; index += 1) await client.request();
    const bob = await server.connected(await server.addClient('bob'));
    await bob.request();
    const all = (await sessions()).map(({ id }) => id);
    const first = SessionListModel.parse(await get('sessions?limit=3'));
    const second = SessionListModel.parse(await get(`sessions?limit=3&cursor=${first.nextCursor ?? ''}`));
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(all);
    expect(second.nextCursor).toBeNull();
    expect((await sessions('?client=bob')).map(({ clientId }) => clientId)).toEqual(['bob']);
    expect(await sessions('?client=nobody')).toEqual([]);
  });

  test('are ended by an administrator, who is named in the audit log; the client may come back', async () => {
    const client = await server.connected(alice);
    const { sessionId } = await client.request();
    const [session] = await sessions();
    const path = `/api/v1/sessions/${session?.id ?? ''}`;
    expect((await server.call('DELETE', path)).status).toBe(204);
    await client.ended(sessionId);
    expect(codeOf(await server.call('DELETE', path))).toBe('SESSION_NOT_FOUND');
    expect(await get('audit?action=session.disconnect')).toMatchObject({
      items: [{ actor: { kind: 'local' }, target: { id: 'alice' }, detail: { sessionId: session?.id } }],
    });
    expect((await client.request()).status).toBe(200);
    server.clock.advance(10_000);
    await server.until('its record', async () => {
      const { items } = PastSessionListModel.parse(await get('sessions/history?state=ended'));
      return items[0]?.cause === 'SESSION_DISCONNECTED';
    });
    expect(SessionDetailModel.parse(await get(`sessions/${session?.id ?? ''}`))).toMatchObject({
      state: 'ended',
      live: null,
    });
  });

  test('of a client are ended all at once', async () => {
    const client = await server.connected(alice);
    for (let index = 0; index < 3; index += 1) await client.request();
    expect(await server.call('DELETE', '/api/v1/clients/alice/sessions')).toMatchObject({
      status: 200,
      body: { sessionsEnded: 3 },
    });
    expect(await sessions()).toEqual([]);
    expect(codeOf(await server.call('DELETE', '/api/v1/clients/nobody/sessions'))).toBe('CLIENT_NOT_FOUND');
  });

  test.each(['not-a-uuid', '..%2F..', '0b5e7a3c-2f7d-4f5b-9a39'])('of the id %s do not exist', async (id) => {
    expect(codeOf(await server.call('GET', `/api/v1/sessions/${id}`))).toBe('API_REQUEST_INVALID');
  });

  test('that were refused say why', async () => {
    await server.call('PATCH', '/api/v1/clients/alice', { enabled: false });
    const client = await server.connected(alice);
    await client.request();
    const refused = async () =>
      PastSessionListModel.parse(await get('sessions/history?cause=CLIENT_DISABLED&client=alice')).items;
    await server.until('the record', async () => (await refused()).length > 0);
    expect(await refused()).toMatchObject([{ state: 'refused', cause: 'CLIENT_DISABLED' }]);
  });
});

describe('pools and leases', () => {
  test('show what is used and by whom, and let a resting address go', async () => {
    const client = await server.connected(alice);
    const { sessionId } = await client.request();
    const [address = ''] = await client.addresses(sessionId);
    expect(PoolsModel.parse(await get('pools'))).toMatchObject({
      ipv4: { gateway: '10.89.0.1', used: 1, pools: [{ prefix: '10.89.0.0/24', total: 253, leased: 1 }] },
      ipv6: { used: 1, pools: [{ prefix: 'fd4d:5156:504e::/64', leased: 1 }] },
    });
    const leases = async (query: string) => LeaseListModel.parse(await get(`leases?${query}`)).items;
    expect(await leases('client=alice&family=4')).toMatchObject([
      { address, clientId: 'alice', state: 'leased' },
    ]);
    const quarantine = `/api/v1/leases/${address}/quarantine`;
    expect(codeOf(await server.call('DELETE', quarantine))).toBe('LEASE_NOT_QUARANTINED');
    client.disconnect();
    await server.until('the end', async () => (await leases('state=quarantined')).length === 2);
    expect((await server.call('DELETE', quarantine)).status).toBe(204);
    expect((await server.call('DELETE', quarantine)).status).toBe(204);
    expect(await leases('family=4')).toMatchObject([{ state: 'free', quarantinedUntilMs: null }]);
    expect(codeOf(await server.call('DELETE', '/api/v1/leases/10.89.0.99/quarantine'))).toBe(
      'LEASE_NOT_FOUND',
    );
    expect(await get('audit?action=lease.release')).toMatchObject({ items: [{ target: { id: 'alice' } }] });
  });

  test('come in order of address, page by page', async () => {
    const pool = { ipv4: [prefixOf('10.89.0.0/24')], ipv6: [], quarantineMs: 60_000 };
    await using small = await TestServer.start({ config: { pool } });
    const client = await small.connected(await small.addClient('alice'));
    for (let index = 0; index < 5; index += 1) await client.request();
    const walked: string[] = [];
    let cursor = '';
    do {
      const { body } = await small.call('GET', `/api/v1/leases?limit=2${cursor}`);
      const page = LeaseListModel.parse(body);
      walked.push(...page.items.map(({ address }) => address));
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    const number = (address: string): number => Number(address.split('.').at(-1));
    expect(walked).toEqual(walked.toSorted((a, b) => number(a) - number(b)));
    expect(new Set(walked).size).toBe(5);
  });
});

test('settings are changed by whoever saw their version, and within their ranges', async () => {
  const first = await server.call('GET', '/api/v1/settings');
  expect(first.body).toMatchObject({ auditDays: 730, defaultGroups: ['default'], version: 1 });
  const change = (body: unknown, tag: string) =>
    server.call('PATCH', '/api/v1/settings', body, { 'if-match': tag });
  expect(await change({ auditDays: 30 }, '"1"')).toMatchObject({ body: { auditDays: 30, version: 2 } });
  expect(codeOf(await change({ auditDays: 31 }, '"1"'))).toBe('API_VERSION_CONFLICT');
  for (const wrong of [{ auditDays: -1 }, { auditDays: '9' }, { defaultGroups: ['A'] }, { unknown: 1 }]) {
    expect(codeOf(await change(wrong, '"2"'))).toBe('API_REQUEST_INVALID');
  }
});

test('the configuration is shown with its sources', async () => {
  const { sections } = ConfigurationModel.parse(await get('server/configuration'));
  const found = sections
    .find(({ name }) => name === 'store')
    ?.settings.find(({ key }) => key === 'history_days');
  expect(found).toMatchObject({ value: 90, source: 'default' });
});

test('the log can be read back, by client', async () => {
  const client = await server.connected(alice);
  await client.request();
  const { items } = LogListModel.parse(await get('logs?client=alice&level=info&limit=2'));
  expect(items.map(({ message, clientId }) => [message, clientId])).toContainEqual([
    'session opened',
    'alice',
  ]);
  expect(JSON.stringify(await get('logs'))).not.toContain('BEGIN');
});

describe('the audit log', () => {
  test('is exported as one object a line, all of it', async () => {
    for (let index = 0; index < 3; index += 1) await server.addClient(`client-${index}`);
    const { status, headers, body } = await server.call('GET', '/api/v1/audit/export?action=client.create');
    expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
    const lines = String(body)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { target: { id: string } });
    const ids = lines.map(({ target }) => target.id);
    expect(ids.sort()).toEqual(['alice', 'client-0', 'client-1', 'client-2']);
  });

  test('is found by actor, target and time', async () => {
    const count = async (query: string) =>
      ((await get(`audit?${query}`)) as { items: unknown[] }).items.length;
    expect(await count('target=alice&targetKind=client')).toBe(1);
    expect(await count('actor=root&action=client.')).toBe(1);
    expect(await count(`fromMs=${Math.trunc(server.clock.now()) + 1}`)).toBe(0);
    expect(codeOf(await server.call('GET', '/api/v1/audit?action=drop%20table'))).toBe('API_REQUEST_INVALID');
  });
});

describe('live events', () => {
  /** Reads a stream until `done`. */
  function listen(path: string, done: (text: string) => boolean, headers: Record<string, string> = {}) {
    return new Promise<string>((resolve, reject) => {
      const socketPath = server.running.adminSocket;
      const call = request(
        { socketPath, path: `/api/v1/events?${path}`, headers, agent: false },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
            if (!done(text)) return;
            resolve(text);
            call.destroy();
          });
          response.on('end', () => resolve(text));
        },
      );
      call.on('error', reject);
      call.end();
    });
  }
  const dataOf = (text: string) =>
    [...text.matchAll(/^data: (.*)$/gm)].map(([, json = '']) => JSON.parse(json) as Record<string, unknown>);

  test('of sessions, clients and audit come as they happen', async () => {
    const heard = listen('topics=sessions,clients,audit', (text) => text.includes('session.opened'));
    await server.until('a listener', async () => {
      server.clock.advance(100);
      await server.call('PATCH', '/api/v1/clients/alice', { note: String(server.clock.now()) });
      return true;
    });
    const client = await server.connected(alice);
    await client.request();
    const text = await heard;
    expect(text).toMatch(/^retry: 2000\nid: [0-9a-f]+-\d+\nevent: ready\n/);
    expect(dataOf(text).at(-1)).toMatchObject({
      type: 'session.opened',
      clientId: 'alice',
      data: { clientId: 'alice' },
    });
  });

  test('resume after the last one that was seen', async () => {
    const first = await listen('topics=clients', (text) => text.includes('ready'));
    const id = /^id: (.*)$/m.exec(first)?.[1] ?? '';
    await server.call('PATCH', '/api/v1/clients/alice', { note: 'while away' });
    const second = await listen('topics=clients', (text) => text.includes('client.updated'), {
      'last-event-id': id,
    });
    expect(dataOf(second)).toMatchObject([{}, { type: 'client.updated', data: { id: 'alice' } }]);
  });

  test('of metrics come once a second, whoever listens', async () => {
    const heard = listen('topics=metrics', (text) => text.includes('metrics.sample'));
    let stop = false;
    const ticking = server.until('a sample', () => {
      server.clock.advance(100);
      return stop;
    });
    expect(dataOf(await heard).at(-1)).toMatchObject({
      type: 'metrics.sample',
      data: { openSessions: 0, bytesSentPerSecond: 0, pool: { ipv4: { total: 253 } } },
    });
    stop = true;
    await ticking;
  });

  test.each(['topics=secrets', 'topics=', '', 'topics=logs&level=loud', 'topics=sessions&client=A'])(
    '?%s is refused',
    async (query) => {
      expect(codeOf(await server.call('GET', `/api/v1/events?${query}`))).toBe('API_REQUEST_INVALID');
    },
  );
});

describe('webhooks', () => {
  const create = (body: unknown) => server.call('POST', '/api/v1/webhooks', body);

  test('are made, changed, tried and deleted', async () => {
    const created = await create({ url: 'http://127.0.0.1:9/', events: ['session.connected'] });
    expect(created.status).toBe(201);
    const { webhook, secret } = WebhookSecretModel.parse(created.body);
    expect(secret).toMatch(/^whsec_/);
    const path = `/api/v1/webhooks/${webhook.id}`;
    expect(JSON.stringify(await get('webhooks'))).not.toContain('whsec_');
    expect((await server.call('POST', `${path}/test`)).body).toMatchObject({
      delivered: false,
      status: null,
    });
    expect(codeOf(await server.call('PATCH', path, { enabled: false }, { 'if-match': '"2"' }))).toBe(
      'API_VERSION_CONFLICT',
    );
    expect((await server.call('PATCH', path, { enabled: false }, { 'if-match': '"1"' })).headers.etag).toBe(
      '"2"',
    );
    expect(await get(`webhooks/${webhook.id}/deliveries`)).toEqual({ items: [], nextCursor: null });
    expect((await server.call('DELETE', path)).status).toBe(204);
    expect(codeOf(await server.call('GET', path))).toBe('WEBHOOK_NOT_FOUND');
  });

  test.each<[unknown, string]>([
    [{ url: 'nonsense', events: ['session.connected'] }, 'WEBHOOK_URL_REFUSED'],
    [{ url: 'https://user:pw@example.org/', events: ['session.connected'] }, 'WEBHOOK_URL_REFUSED'],
    [{ url: 'https://example.org/', events: [] }, 'API_REQUEST_INVALID'],
    [{ url: 'https://example.org/', events: ['everything'] }, 'API_REQUEST_INVALID'],
    [
      { url: 'https://example.org/', events: ['session.connected', 'session.connected'] },
      'API_REQUEST_INVALID',
    ],
    [
      { url: `https://example.org/${'x'.repeat(2_000)}`, events: ['session.connected'] },
      'API_REQUEST_INVALID',
    ],
    [{ events: ['session.connected'] }, 'API_REQUEST_INVALID'],
  ])('%j is refused', async (body, code) => {
    expect(codeOf(await create(body))).toBe(code);
  });

  test('reach no private network unless the configuration says so', async () => {
    await using strict = await TestServer.start({ config: { webhooks: { allowPrivate: false } } });
    for (const url of ['https://127.0.0.1/', 'https://10.89.0.2/', 'http://example.org/']) {
      const body = { url, events: ['session.connected'] };
      expect(codeOf(await strict.call('POST', '/api/v1/webhooks', body))).toBe('WEBHOOK_URL_REFUSED');
    }
  });
});
