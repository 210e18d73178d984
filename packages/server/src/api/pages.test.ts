import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Site } from '../web/site.js';
import { siteFile } from '../web/siteFile.js';
import { outcomeOf, TestApi, type CallOptions } from './testing/testApi.js';

const index = siteFile({
  contentType: 'text/html; charset=utf-8',
  body: Buffer.from('<!doctype html>'),
  compressed: {},
  immutable: false,
});
const script = siteFile({
  contentType: 'text/javascript; charset=utf-8',
  body: Buffer.from('run()'),
  compressed: { br: Buffer.from('as brotli'), gzip: Buffer.from('as gzip') },
  immutable: true,
});
const site = new Site(
  new Map([
    ['/index.html', index],
    ['/assets/main-1a.js', script],
  ]),
);

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.open({ site });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const get = (url: string, options: CallOptions = {}): Promise<LightMyRequestResponse> =>
  api.call('GET', url, options);

describe('pages', () => {
  test('are at the root, for whoever asks', async () => {
    const response = await get('/');
    expect([response.statusCode, response.body]).toEqual([200, '<!doctype html>']);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
  });

  test.each(['/clients/alice', '/setup', '/login?next=%2Fclients', '/a%2fb/../c'])(
    'are at addresses of their own, for browsers: %s',
    async (url) => {
      expect((await get(url, { headers: html })).body).toBe('<!doctype html>');
      expect(outcomeOf(await get(url))).toBe('API_NOT_FOUND');
    },
  );

  test.each(['/api', '/api/v1/nothing', '/metrics/x', '/health/', '/assets/old-2b.js'])(
    'are not at addresses of programs: %s',
    async (url) => {
      expect(outcomeOf(await get(url, { headers: html }))).toBe('API_NOT_FOUND');
    },
  );

  test.each(['/../package.json', '/%2e%2e/package.json', '/assets/../../site.ts', '//etc/passwd'])(
    'lead to no other file: %s',
    async (url) => {
      expect(outcomeOf(await get(url))).toMatch(/^API_(NOT_FOUND|REQUEST_INVALID)$/);
    },
  );

  test('run nothing but their own scripts, and are framed by nobody', async () => {
    const { headers } = await get('/');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
  });

  test('are only for those who come over TLS or from this machine', async () => {
    expect(outcomeOf(await get('/', { remoteAddress: '192.0.2.1', headers: html }))).toBe('API_LOCAL_ONLY');
    expect(outcomeOf(await get('/', { headers: { host: 'evil.example' } }))).toBe('API_HOST_REFUSED');
  });

  test('cost nothing of what an address may ask', async () => {
    const statuses = new Set<number>();
    for (let asked = 0; asked < 200; asked += 1) statuses.add((await get('/')).statusCode);
    expect([...statuses]).toEqual([200]);
  });

  test('are only read', async () => {
    expect(outcomeOf(await api.call('POST', '/', { body: {} }))).toBe('API_NOT_FOUND');
    const head = await api.call('HEAD', '/');
    expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([200, '', '15']);
  });

  test('say how to build them while they are missing', async () => {
    await using bare = await TestApi.open();
    const response = await bare.call('GET', '/clients', { headers: html });
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      503,
      'text/html; charset=utf-8',
    ]);
    expect(response.body).toContain('npm run build');
  });
});

describe('a file', () => {
  test.each([
    ['br, gzip', 'br', 'as brotli'],
    ['gzip;q=1', 'gzip', 'as gzip'],
    ['br;q=0, gzip', 'gzip', 'as gzip'],
    ['', undefined, 'run()'],
    ['zstd', undefined, 'run()'],
  ])('is sent as the caller takes it: %j', async (accepted, coding, body) => {
    const response = await get('/assets/main-1a.js', { headers: { 'accept-encoding': accepted } });
    expect([response.headers['content-encoding'], response.body]).toEqual([coding, body]);
    expect(response.headers).toMatchObject({
      vary: 'accept-encoding',
      'content-type': 'text/javascript; charset=utf-8',
    });
  });

  test('that is named after its content may be kept for ever, others are asked for again', async () => {
    expect((await get('/assets/main-1a.js')).headers['cache-control']).toBe(
      'public, max-age=31536000, immutable',
    );
    const { headers } = await get('/');
    expect(headers['cache-control']).toBe('no-cache');
    const again = await get('/', { headers: { 'if-none-match': `"other", W/${String(headers.etag)}` } });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    expect((await get('/', { headers: { 'if-none-match': '"other"' } })).statusCode).toBe(200);
  });

  test('has another tag in another coding', async () => {
    const tags = ['br', 'gzip', ''].map(
      async (accepted) =>
        (await get('/assets/main-1a.js', { headers: { 'accept-encoding': accepted } })).headers.etag,
    );
    expect(new Set(await Promise.all(tags)).size).toBe(3);
  });
});
