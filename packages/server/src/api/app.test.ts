import { Readable } from 'node:stream';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { StoreError } from '../store/storeError.js';
import { ProblemModel } from './models/problem.js';
import { pageModel } from './page.js';
import type { ApiServices } from './services.js';
import { goodPassword, outcomeOf, TestApi } from './testing/testApi.js';

const path = '/api/v1/administrators';
const newcomer = { name: 'bob', role: 'reader', password: goodPassword };

let api: TestApi;
const scrape: ApiServices['scrape'] = async (encoding) =>
  Readable.from([Buffer.from(`# HELP ${encoding}\n`)]);
beforeEach(async () => {
  api = await TestApi.open({
    scrape,
    health: () => ({ status: 'degraded', problems: ['TUN_MISSING'] }),
  });
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

describe('metrics and health', () => {
  test('metrics are text format 0.0.4', async () => {
    const response = await api.call('GET', '/metrics', { remoteAddress: '192.0.2.1' });
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.body).toBe('# HELP identity\n');
    expect(response.headers['content-encoding']).toBeUndefined();
  });

  test.each([
    ['gzip', 'gzip'],
    ['br, GZIP;q=0.5', 'gzip'],
    ['gzip;q=0', 'identity'],
    ['deflate', 'identity'],
  ])('metrics are compressed for a caller that takes it: %s', async (accepted, encoding) => {
    const response = await api.call('GET', '/metrics', { headers: { 'accept-encoding': accepted } });
    expect(response.body).toBe(`# HELP ${encoding}\n`);
    expect(response.headers['content-encoding']).toBe(encoding === 'gzip' ? 'gzip' : undefined);
    expect(response.headers.vary).toBe('accept-encoding');
  });

  test('metrics are for who has the token, where there is one', async () => {
    await using guarded = await TestApi.open({ scrape, metricsToken: 'scrape-me' });
    const status = async (token?: string): Promise<string | number> =>
      outcomeOf(await guarded.call('GET', '/metrics', token === undefined ? {} : { token }));
    expect([await status(), await status('wrong'), await status('scrape-me')]).toEqual([
      'API_UNAUTHENTICATED',
      'API_UNAUTHENTICATED',
      200,
    ]);
    expect(outcomeOf(await guarded.call('GET', '/metrics', { on: guarded.onSocket }))).toBe(200);
  });

  test('health is 200 also when degraded: the process is alive, restarting it helps nobody', async () => {
    const response = await api.call('GET', '/health', { remoteAddress: '192.0.2.1' });
    expect([response.statusCode, response.json()]).toEqual([
      200,
      { status: 'degraded', problems: ['TUN_MISSING'] },
    ]);
  });
});

describe('problems (RFC 9457)', () => {
  const post = (payload: InjectOptions['payload'], type = 'application/json'): InjectOptions => ({
    method: 'POST',
    url: path,
    headers: { 'content-type': type },
    ...(payload === undefined ? {} : { payload }),
  });
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;

  test.each<[string, number, InjectOptions]>([
    ['API_NOT_FOUND', 404, { url: '/nothing/here' }],
    ['API_NOT_FOUND', 404, { url: '/api/v1/administrators/a/b/c/d' }],
    ['API_METHOD_NOT_ALLOWED', 405, { method: 'PUT', url: '/metrics' }],
    ['API_REQUEST_INVALID', 400, { url: `${path}/UPPER` }],
    ['API_REQUEST_INVALID', 400, { url: `${path}/%ff` }],
    ['API_REQUEST_INVALID', 400, { url: `${path}?limit=0` }],
    ['API_REQUEST_INVALID', 400, { url: `${path}?limit=501` }],
    ['API_REQUEST_INVALID', 400, { url: `${path}?limit=1&limit=2` }],
    ['API_REQUEST_INVALID', 400, { url: `${path}?cursor=bm9uc2Vuc2U` }],
    ['API_REQUEST_INVALID', 400, { url: `${path}?nonsense=1` }],
    ['API_REQUEST_INVALID', 400, post({ name: 'bob' })],
    ['API_REQUEST_INVALID', 400, post({ ...newcomer, extra: 1 })],
    ['API_REQUEST_INVALID', 400, post({ ...newcomer, name: '../bob' })],
    ['API_REQUEST_INVALID', 400, post({ ...newcomer, role: ['owner'] })],
    ['API_REQUEST_INVALID', 400, post('{"name":')],
    ['API_REQUEST_INVALID', 400, post('')],
    ['API_REQUEST_INVALID', 400, post('null')],
    ['API_REQUEST_INVALID', 400, post(deep)],
    ['API_REQUEST_INVALID', 400, post('{"__proto__":{"x":1}}')],
    ['API_REQUEST_INVALID', 400, post(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]))],
    ['API_BODY_TOO_LARGE', 413, post({ ...newcomer, password: 'x'.repeat(70_000) })],
    ['API_UNSUPPORTED_MEDIA_TYPE', 415, post('<xml/>', 'application/xml')],
    ['API_UNSUPPORTED_MEDIA_TYPE', 415, post('a=b', 'application/x-www-form-urlencoded')],
    ['API_REQUEST_INVALID', 400, { method: 'PATCH', url: `${path}/a`, payload: { enabled: 'no' } }],
    ['API_REQUEST_INVALID', 400, { method: 'DELETE', url: `${path}/a`, headers: { 'if-match': 'nonsense' } }],
  ])('%s %i', async (code, expected, options) => {
    const response = await api.onSocket.inject(options);
    const problem = ProblemModel.parse(response.json());
    expect([problem.code, response.statusCode, problem.status]).toEqual([code, expected, expected]);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  test('an invalid field is named', async () => {
    const response = await api.onSocket.inject(post({ ...newcomer, name: 'NO' }));
    expect(ProblemModel.parse(response.json()).detail).toContain('name');
  });

  test('a lost store is 503 with its code, when to come back, and recovers', async () => {
    const { list } = api.store.administrators;
    api.store.administrators.list = () => {
      throw new StoreError('STORE_FULL', 'the disk is full');
    };
    const response = await api.onSocket.inject({ url: path });
    expect([response.statusCode, outcomeOf(response), response.headers['retry-after']]).toEqual([
      503,
      'STORE_FULL',
      '5',
    ]);
    api.store.administrators.list = list;
    expect(outcomeOf(await api.onSocket.inject({ url: path }))).toBe(200);
  });

  test('a bug is 500 and shows nothing of its inside', async () => {
    api.store.administrators.list = () => {
      throw new TypeError('secret detail');
    };
    const response = await api.onSocket.inject({ url: path });
    expect([response.statusCode, outcomeOf(response)]).toEqual([500, 'API_INTERNAL_ERROR']);
    expect(response.body).not.toContain('secret detail');
  });
});

describe('every answer', () => {
  test.each(['/health', path, '/nothing', '/metrics'])(
    'of %s tells browsers to do nothing with it',
    async (url) => {
      const { headers } = await api.call('GET', url);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['cache-control']).toBe('no-store');
    },
  );

  test('to HEAD is that to GET without its body', async () => {
    const head = await api.onSocket.inject({ method: 'HEAD', url: path });
    const get = await api.onSocket.inject({ url: path });
    expect([head.statusCode, head.body]).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });

  test('to a method that a path does not take names those that it takes', async () => {
    const wrong = await api.onSocket.inject({ method: 'PUT', url: path });
    expect([wrong.statusCode, wrong.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS, POST']);
    const shadowed = await api.onSocket.inject({ method: 'DELETE', url: '/api/v1/sessions/history' });
    expect([shadowed.statusCode, shadowed.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    const options = await api.onSocket.inject({ method: 'OPTIONS', url: `${path}/bob?x=1` });
    expect([options.statusCode, options.headers.allow]).toEqual([204, 'DELETE, GET, HEAD, OPTIONS, PATCH']);
  });
});

describe('a version', () => {
  const change = async (ifMatch: string | null, role: string): Promise<string | number> =>
    outcomeOf(
      await api.onSocket.inject({
        method: 'PATCH',
        url: `${path}/bob`,
        payload: { role },
        ...(ifMatch === null ? {} : { headers: { 'if-match': ifMatch } }),
      }),
    );

  beforeEach(async () => {
    await api.signIn('ann', 'owner');
    await api.onSocket.inject({ method: 'POST', url: path, payload: newcomer });
  });

  test('is the entity tag of what has one', async () => {
    const bob = await api.onSocket.inject({ url: `${path}/bob` });
    expect([bob.headers.etag, bob.json<{ version: number }>().version]).toEqual(['"1"', 1]);
  });

  test('that a change names must be the present one', async () => {
    expect(await change('"1"', 'operator')).toBe(200);
    expect(await change('"1"', 'reader')).toBe('API_VERSION_CONFLICT');
    expect(await change('"2"', 'reader')).toBe(200);
  });

  test.each(['W/"1"', '"abc"', '"01"', '""'])('that none of ours is, conflicts: %s', async (tag) => {
    expect(await change(tag, 'operator')).toBe('API_VERSION_CONFLICT');
  });

  test.each([null, '*'])('is of no matter to a change with %s', async (tag) => {
    expect(await change(tag, 'operator')).toBe(200);
  });

  test('lets one of two changes through that were based on the same', async () => {
    const outcomes = await Promise.all([change('"1"', 'operator'), change('"1"', 'owner')]);
    expect(outcomes.sort()).toEqual([200, 'API_VERSION_CONFLICT']);
  });
});

const pageOfNames = pageModel(z.object({ id: z.string() }));

describe('a list', () => {
  test('comes in pages that together are all of it, each item once', async () => {
    for (const name of ['eve', 'bob', 'dan', 'ann', 'cid']) {
      await api.onSocket.inject({ method: 'POST', url: path, payload: { ...newcomer, name } });
    }
    const seen: string[][] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const url = `${path}?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: LightMyRequestResponse = await api.onSocket.inject({ url });
      const { items, nextCursor } = pageOfNames.parse(page.json());
      seen.push(items.map(({ id }) => id));
      cursor = nextCursor;
    }
    expect(seen).toEqual([['ann', 'bob'], ['cid', 'dan'], ['eve']]);
  });
});
