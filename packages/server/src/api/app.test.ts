import { Readable } from 'node:stream';
import { fail, ok } from '@masque-vpn/protocol';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { StoreError } from '../store/storeError.js';
import { buildApp, routes } from './app.js';
import type { ClientModel, StatusModel } from './models.js';
import { ProblemModel } from './models.js';
import type { ApiServices } from './services.js';

const client: ClientModel = {
  id: 'alice',
  enabled: true,
  createdAtMs: 1,
  addresses: ['10.89.0.2'],
  openSessions: 0,
  certificates: [],
};

const status: StatusModel = {
  version: '0.1.0',
  startedAtMs: 1,
  uptimeSeconds: 2.5,
  udpAddress: '[::]:443',
  caSha256: 'aa',
  tun: { active: true, name: 'masque0', mtu: 1400, problem: null, warnings: [] },
  store: { available: true },
  clients: { total: 1, enabled: 1 },
  sessions: { open: 0, total: 0 },
  pool: { ipv4: { total: 253, used: 0, available: 253 }, ipv6: { used: 0 } },
};

type ClientService = ApiServices['clients'];

function appWith(
  clients: Partial<Record<keyof ClientService, (...args: never[]) => unknown>> = {},
  transport: 'tcp' | 'socket' = 'tcp',
): FastifyInstance {
  const services: ApiServices = {
    clients: {
      list: async () => [client],
      find: async () => ok(client),
      ...clients,
    } as unknown as ClientService,
    sessions: () => [],
    status: () => status,
    health: () => ({ status: 'degraded', problems: ['TUN_MISSING'] }),
    scrape: async (encoding, scraper) =>
      Readable.from([Buffer.from(`# HELP ${encoding} for ${scraper ?? 'anybody'}\n`)]),
  };
  return buildApp({ services, logger: pino({ level: 'silent' }), transport });
}

async function inject(app: FastifyInstance, options: InjectOptions) {
  const response = await app.inject({ headers: { host: 'localhost:8080' }, ...options });
  const problem = response.statusCode >= 400 ? ProblemModel.parse(response.json()) : null;
  return { response, problem };
}

describe('who may call', () => {
  test.each(routes.map((route) => [route.method, route.path, route.permission] as const))(
    '%s %s is for callers with %s',
    async (method, path, permission) => {
      const url = path.replace(':id', 'alice');
      const { problem } = await inject(appWith(), {
        method,
        url,
        remoteAddress: '192.0.2.1',
      });
      expect(problem?.code ?? null).toBe(permission === 'everybody' ? null : 'API_LOCAL_ONLY');
    },
  );

  test('only metrics and health are for everybody', () => {
    const open = routes.filter(({ permission }) => permission === 'everybody').map(({ path }) => path);
    expect(open).toEqual(['/metrics', '/health']);
  });

  test('over the Unix socket the file system has decided', async () => {
    const app = appWith({}, 'socket');
    const { response } = await inject(app, { url: '/api/v1/status', headers: { host: 'whatever.example' } });
    expect(response.statusCode).toBe(200);
  });

  test('a stranger does not learn which paths exist', async () => {
    const { problem } = await inject(appWith(), { url: '/nothing/here', remoteAddress: '192.0.2.1' });
    expect(problem?.code).toBe('API_LOCAL_ONLY');
  });
});

describe('answers', () => {
  test('metrics are text format 0.0.4', async () => {
    const { response } = await inject(appWith(), { url: '/metrics' });
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.body).toBe('# HELP identity for anybody\n');
    expect(response.headers['content-encoding']).toBeUndefined();
  });

  test.each([
    ['gzip', 'gzip'],
    ['br, GZIP;q=0.5', 'gzip'],
    ['gzip;q=0', 'identity'],
    ['deflate', 'identity'],
  ])('metrics are compressed for a caller that takes it: %s', async (accepted, encoding) => {
    const headers = { host: 'localhost:8080', 'accept-encoding': accepted };
    const { response } = await inject(appWith(), { url: '/metrics', headers });
    expect(response.body).toBe(`# HELP ${encoding} for anybody\n`);
    expect(response.headers['content-encoding']).toBe(encoding === 'gzip' ? 'gzip' : undefined);
    expect(response.headers.vary).toBe('accept-encoding');
  });

  test.each([
    ['/metrics', 'at 192.0.2.9'],
    ['/metrics?scraper=one', 'one'],
    ['/metrics?scraper=one&other=1', 'one'],
  ])('a Prometheus is known by its address or the name that it gives: %s', async (url, scraper) => {
    const headers = { host: 'localhost:8080', 'x-prometheus-scrape-timeout-seconds': '10' };
    const { response } = await inject(appWith(), { url, headers, remoteAddress: '192.0.2.9' });
    expect(response.body).toBe(`# HELP identity for ${scraper}\n`);
  });

  test('health is 200 also when degraded: the process is alive, restarting it helps nobody', async () => {
    const { response } = await inject(appWith(), { url: '/health' });
    expect([response.statusCode, response.json()]).toEqual([
      200,
      { status: 'degraded', problems: ['TUN_MISSING'] },
    ]);
  });

  test('status, sessions and clients are what the services say', async () => {
    const app = appWith();
    expect((await inject(app, { url: '/api/v1/status' })).response.json()).toEqual(status);
    expect((await inject(app, { url: '/api/v1/sessions' })).response.json()).toEqual({ items: [] });
    expect((await inject(app, { url: '/api/v1/clients' })).response.json()).toEqual({ items: [client] });
    expect((await inject(app, { url: '/api/v1/clients/alice' })).response.json()).toEqual(client);
  });

  test('a deletion is answered without a body', async () => {
    const app = appWith({ remove: async () => ok(undefined) });
    const { response } = await inject(app, { method: 'DELETE', url: '/api/v1/clients/alice' });
    expect([response.statusCode, response.body]).toEqual([204, '']);
  });
});

describe('problems (RFC 9457)', () => {
  const post = (payload: InjectOptions['payload'], headers: Record<string, string> = {}): InjectOptions => ({
    method: 'POST',
    url: '/api/v1/clients',
    headers: { host: 'localhost', 'content-type': 'application/json', ...headers },
    ...(payload === undefined ? {} : { payload }),
  });

  test.each<[string, number, InjectOptions]>([
    ['API_NOT_FOUND', 404, { url: '/nothing/here' }],
    ['API_NOT_FOUND', 404, { method: 'PUT', url: '/metrics' }],
    ['API_REQUEST_INVALID', 400, { url: '/api/v1/clients/UPPER' }],
    ['API_REQUEST_INVALID', 400, post({ name: 'bob' })],
    ['API_REQUEST_INVALID', 400, post({ name: 'bob', csrPem: 'x', extra: 1 })],
    ['API_REQUEST_INVALID', 400, post({ name: '../bob', csrPem: 'x' })],
    ['API_REQUEST_INVALID', 400, post('{"name":')],
    ['API_REQUEST_INVALID', 400, post('')],
    ['API_BODY_TOO_LARGE', 413, post({ name: 'bob', csrPem: 'x'.repeat(70_000) })],
    ['API_UNSUPPORTED_MEDIA_TYPE', 415, post('<xml/>', { 'content-type': 'application/xml' })],
    [
      'API_REQUEST_INVALID',
      400,
      { method: 'PATCH', url: '/api/v1/clients/alice', payload: { enabled: 'no' } },
    ],
  ])('%s %i', async (code, expected, options) => {
    const { response, problem } = await inject(appWith(), options);
    expect([problem?.code, response.statusCode, problem?.status]).toEqual([code, expected, expected]);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  test('an invalid field is named', async () => {
    const { problem } = await inject(appWith(), post({ name: 'NO', csrPem: 'x' }));
    expect(problem?.detail).toContain('name');
  });

  test.each([
    ['CLIENT_EXISTS', 409],
    ['PKI_WEAK_KEY', 422],
  ])('an expected failure of a service keeps its code: %s', async (code, expected) => {
    const app = appWith({ create: async () => fail({ code, message: 'why' }) });
    const { response, problem } = await inject(app, post({ name: 'bob', csrPem: 'x' }));
    expect([response.statusCode, problem?.code, problem?.detail]).toEqual([expected, code, 'why']);
  });

  test('a lost store is 503 with its code', async () => {
    const app = appWith({
      list: async () => {
        throw new StoreError('STORE_FULL', 'the disk is full');
      },
    });
    const { response, problem } = await inject(app, { url: '/api/v1/clients' });
    expect([response.statusCode, problem?.code]).toEqual([503, 'STORE_FULL']);
  });

  test('a bug is 500 and shows nothing of its inside', async () => {
    const app = appWith({
      list: async () => {
        throw new TypeError('secret detail');
      },
    });
    const { response, problem } = await inject(app, { url: '/api/v1/clients' });
    expect([response.statusCode, problem?.code]).toEqual([500, 'API_INTERNAL_ERROR']);
    expect(response.body).not.toContain('secret detail');
  });
});
