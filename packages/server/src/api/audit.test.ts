import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { makeKeyAndRequest } from '../testing/credential.js';
import { TestServer } from '../testing/testServer.js';
import { routes } from './routes.js';

/** One change: where, with what, and what else it needs. */
interface Change {
  /** As the route is declared. */
  readonly route: string;
  readonly params?: () => Readonly<Record<string, string>>;
  readonly body?: () => unknown;
  readonly prepare?: () => Promise<unknown>;
}

let server: TestServer;
let csrPem: string;
let keyPem: string;
let sessionId = '';
/** What earlier changes answered, by route. */
const answers = new Map<string, unknown>();

beforeAll(async () => {
  server = await TestServer.start();
  ({ csrPem, keyPem } = await makeKeyAndRequest('alice'));
}, 30_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
}, 30_000);

/** A field of an earlier answer: `token.id`. */
function given(route: string, path: string): string {
  let value: unknown = answers.get(route);
  for (const name of path.split('.')) value = z.looseObject({}).parse(value)[name];
  return z.string().parse(value);
}

const anyone = { kind: 'everyone' };

let restingAddress = '';

/** An address that no client may have yet. */
async function resting(): Promise<string> {
  const { body } = await server.call('GET', '/api/v1/leases?state=quarantined');
  const { items } = z.object({ items: z.array(z.looseObject({ address: z.string() })) }).parse(body);
  restingAddress = items[0]?.address ?? '';
  return restingAddress;
}

async function connect(): Promise<void> {
  server.trust(given('POST /api/v1/clients', 'caPem'));
  const client = await server.connected({
    chainPem: given('POST /api/v1/clients', 'certificatePem'),
    keyPem,
  });
  await client.request();
  const { body } = await server.call('GET', '/api/v1/sessions');
  const { items } = z.object({ items: z.array(z.looseObject({ id: z.string() })) }).parse(body);
  sessionId = items[0]?.id ?? '';
}

function oldAuthority(): string {
  const { authorities } = z
    .looseObject({ authorities: z.array(z.looseObject({ sha256: z.string() })) })
    .parse(answers.get('POST /api/v1/pki/rollover'));
  return authorities.at(-1)?.sha256 ?? '';
}

/** Every route that changes something for others, in an order that works. */
const changes: readonly Change[] = [
  { route: 'POST /api/v1/groups', body: () => ({ id: 'staff', displayName: 'Staff' }) },
  { route: 'PATCH /api/v1/groups/:id', params: () => ({ id: 'staff' }), body: () => ({ note: 'a note' }) },
  { route: 'POST /api/v1/clients', body: () => ({ name: 'alice', csrPem }) },
  { route: 'PATCH /api/v1/clients/:id', params: () => ({ id: 'alice' }), body: () => ({ note: 'a note' }) },
  { route: 'PUT /api/v1/groups/:id/members/:client', params: () => ({ id: 'staff', client: 'alice' }) },
  { route: 'DELETE /api/v1/groups/:id/members/:client', params: () => ({ id: 'staff', client: 'alice' }) },
  {
    route: 'POST /api/v1/clients/:id/prefixes',
    params: () => ({ id: 'alice' }),
    body: () => ({ prefix: '192.168.7.0/24' }),
  },
  {
    route: 'DELETE /api/v1/clients/:id/prefixes/:prefix',
    params: () => ({ id: 'alice', prefix: given('POST /api/v1/clients/:id/prefixes', 'id') }),
  },
  { route: 'DELETE /api/v1/clients/:id/sessions', prepare: connect, params: () => ({ id: 'alice' }) },
  { route: 'DELETE /api/v1/sessions/:id', prepare: connect, params: () => ({ id: sessionId }) },
  {
    route: 'DELETE /api/v1/leases/:address/quarantine',
    prepare: () => server.until('the address to rest', async () => (await resting()) !== ''),
    params: () => ({ address: restingAddress }),
  },
  {
    route: 'POST /api/v1/certificates',
    body: () => ({
      client: 'alice',
      sha256: 'ab'.repeat(32),
      notAfterMs: Math.trunc(server.clock.now()) + 1e9,
    }),
  },
  {
    route: 'POST /api/v1/certificates/:sha256/revoke',
    params: () => ({ sha256: 'ab'.repeat(32) }),
    body: () => ({}),
  },
  { route: 'POST /api/v1/rules', body: () => ({ action: 'deny', subject: anyone }) },
  {
    route: 'PATCH /api/v1/rules/:id',
    params: () => ({ id: given('POST /api/v1/rules', 'id') }),
    body: () => ({ note: 'a note' }),
  },
  { route: 'DELETE /api/v1/rules/:id', params: () => ({ id: given('POST /api/v1/rules', 'id') }) },
  {
    route: 'POST /api/v1/port-forwards',
    body: () => ({ protocol: 'tcp', publicPort: 2222, clientId: 'alice', clientPort: 22 }),
  },
  {
    route: 'PATCH /api/v1/port-forwards/:id',
    params: () => ({ id: given('POST /api/v1/port-forwards', 'id') }),
    body: () => ({ enabled: false }),
  },
  {
    route: 'DELETE /api/v1/port-forwards/:id',
    params: () => ({ id: given('POST /api/v1/port-forwards', 'id') }),
  },
  { route: 'PUT /api/v1/rules', body: () => ({ items: [] }) },
  { route: 'PATCH /api/v1/settings', body: () => ({ auditDays: 30 }) },
  { route: 'POST /api/v1/administrators', body: () => ({ name: 'ann', role: 'owner' }) },
  { route: 'POST /api/v1/administrators/:id/link', params: () => ({ id: 'ann' }) },
  { route: 'POST /api/v1/administrators', body: () => ({ name: 'bob', role: 'reader' }) },
  {
    route: 'PATCH /api/v1/administrators/:id',
    params: () => ({ id: 'bob' }),
    body: () => ({ role: 'operator' }),
  },
  { route: 'DELETE /api/v1/administrators/:id', params: () => ({ id: 'bob' }) },
  {
    route: 'POST /api/v1/tokens',
    body: () => ({ name: 'script', permissions: ['clients:read'], expiresAtMs: null }),
  },
  { route: 'DELETE /api/v1/tokens/:id', params: () => ({ id: given('POST /api/v1/tokens', 'token.id') }) },
  { route: 'POST /api/v1/enrolments', body: () => ({ client: 'alice' }) },
  { route: 'DELETE /api/v1/enrolments/:id', params: () => ({ id: given('POST /api/v1/enrolments', 'id') }) },
  { route: 'POST /api/v1/client-tokens', body: () => ({ client: 'alice', expiresAtMs: null }) },
  {
    route: 'DELETE /api/v1/client-tokens/:id',
    params: () => ({ id: given('POST /api/v1/client-tokens', 'token.id') }),
  },
  {
    route: 'POST /api/v1/webhooks',
    body: () => ({ url: 'https://example.org/hook', events: ['session.connected'] }),
  },
  {
    route: 'PATCH /api/v1/webhooks/:id',
    params: () => ({ id: given('POST /api/v1/webhooks', 'webhook.id') }),
    body: () => ({ enabled: false }),
  },
  {
    route: 'POST /api/v1/webhooks/:id/secret',
    params: () => ({ id: given('POST /api/v1/webhooks', 'webhook.id') }),
  },
  {
    route: 'DELETE /api/v1/webhooks/:id',
    params: () => ({ id: given('POST /api/v1/webhooks', 'webhook.id') }),
  },
  { route: 'POST /api/v1/pki/rollover' },
  {
    route: 'POST /api/v1/pki/authorities/:sha256/retire',
    params: () => ({ sha256: oldAuthority() }),
  },
  { route: 'DELETE /api/v1/clients/:id', params: () => ({ id: 'alice' }) },
  { route: 'DELETE /api/v1/groups/:id', params: () => ({ id: 'staff' }) },
];

/** Sends something once more and changes nothing that is kept. */
const noChanges = new Set([
  'POST /api/v1/webhooks/:id/test',
  'POST /api/v1/webhooks/:id/deliveries/:delivery/retry',
]);

describe('a change is in the audit log with who made it', () => {
  test.each(changes.map((change) => [change.route, change] as const))('%s', async (route, change) => {
    const [method = '', pattern = ''] = route.split(' ');
    await change.prepare?.();
    const params = change.params?.() ?? {};
    const path = pattern.replaceAll(/:(\w+)/g, (_whole, name: string) =>
      encodeURIComponent(params[name] ?? ''),
    );
    const before = await newest();
    // Entries of one millisecond are in no order.
    server.clock.advance(1);
    const { status, body } = await server.call(method, path, change.body?.());
    expect({ status, body }).toMatchObject({
      status: expect.toSatisfy((code: number) => code < 300) as number,
    });
    answers.set(route, body);
    const after = await newest();
    expect(after.id).not.toBe(before.id);
    expect(after.actor).toMatchObject({ kind: 'local', name: 'root' });
  });
});

test('every route that changes something is tried', () => {
  const tried = new Set(changes.map(({ route }) => route));
  const missing = routes
    .filter(({ permission, method }) => permission.endsWith(':write') && method !== 'GET')
    .map(({ method, path }) => `${method} ${path}`)
    .filter((route) => !tried.has(route) && !noChanges.has(route));
  expect(missing).toEqual([]);
});

test('everything in the log is found by its name, and by its noun', async () => {
  const { body } = await server.call('GET', '/api/v1/audit?limit=500');
  const { items } = z.object({ items: z.array(z.looseObject({ action: z.string() })) }).parse(body);
  const actions = new Set(items.map(({ action }) => action));
  expect(actions).toContain('client.prefix.grant');
  for (const action of actions) {
    for (const asked of [action, action.replace(/[^.]*$/, '')]) {
      const found = await server.call('GET', `/api/v1/audit?action=${asked}&limit=1`);
      expect([asked, found.status, pageSchema.parse(found.body).items.length]).toEqual([asked, 200, 1]);
    }
  }
  // Nobody with a password was here.
  expect((await server.call('GET', '/api/v1/audit?action=administrator.set_password')).status).toBe(200);
});

const pageSchema = z.object({ items: z.array(z.looseObject({ id: z.string(), actor: z.unknown() })) });

async function newest(): Promise<{ readonly id: string; readonly actor: unknown }> {
  const { body } = await server.call('GET', '/api/v1/audit?limit=1');
  const [entry] = pageSchema.parse(body).items;
  return entry === undefined ? { id: '', actor: null } : { id: entry.id, actor: entry.actor };
}
