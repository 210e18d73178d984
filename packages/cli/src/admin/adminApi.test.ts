import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { AdminApi, apiPath } from './adminApi.js';

const answer = z.object({ name: z.string() });

let directory: string;
let server: Server | null = null;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'masque-vpn-api-'));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = null;
  await rm(directory, { recursive: true });
});

/** An API whose server does this. */
async function api(handle: RequestListener): Promise<AdminApi> {
  const path = join(directory, 'admin.sock');
  const listening = createServer(handle);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(path, resolve));
  return new AdminApi(path);
}

it('sends a body and returns the checked answer', async () => {
  const client = await api((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => response.end(body));
  });
  expect(await client.call('POST', '/x', answer, { body: { name: 'é' } })).toEqual({
    ok: true,
    value: { name: 'é' },
  });
});

it('asks for page after page, up to what is wanted', async () => {
  const asked: string[] = [];
  const client = await api((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    asked.push(url.search);
    const at = Number(url.searchParams.get('cursor') ?? '0');
    const items = [{ name: `${at}` }, { name: `${at + 1}` }];
    response.end(JSON.stringify({ items, nextCursor: at >= 4 ? null : String(at + 2) }));
  });
  const all = await client.list('/x', answer, { group: 'a b', q: undefined });
  expect(all.ok ? all.value.map(({ name }) => name) : all).toEqual(['0', '1', '2', '3', '4', '5']);
  expect(asked[0]).toBe('?group=a+b&limit=500');
  const some = await client.list('/x', answer, {}, 3);
  expect(some).toMatchObject({ ok: true });
  expect(asked.slice(3)).toEqual(['?limit=3', '?limit=1&cursor=2']);
});

it('names the version of what it changes', async () => {
  const client = await api((request, response) => {
    response.end(JSON.stringify({ name: request.headers['if-match'] }));
  });
  expect(await client.call('PATCH', '/x', answer, { body: {}, version: 7 })).toEqual({
    ok: true,
    value: { name: '"7"' },
  });
});

it('escapes what goes into a path', () => {
  expect(apiPath('clients', '../a b', 'sessions')).toBe('/api/v1/clients/..%2Fa%20b/sessions');
});

it('passes the server’s reason and code on (RFC 9457)', async () => {
  const problem = {
    type: 'about:blank',
    title: 'Conflict',
    status: 409,
    detail: 'It is there.',
    code: 'CLIENT_EXISTS',
  };
  const client = await api((_, response) => response.writeHead(409).end(JSON.stringify(problem)));
  expect(await client.call('GET', '/x', answer)).toEqual({
    ok: false,
    error: { code: 'CLIENT_EXISTS', message: 'It is there.', exit: 3 },
  });
});

it.each([
  ['an answer of another shape', 200, '{"nome":"x"}'],
  ['no JSON', 200, '<html>'],
  ['a failure without an explanation', 500, 'oops'],
])('does not trust %s', async (_, status, body) => {
  const client = await api((_request, response) => response.writeHead(status).end(body));
  expect(await client.call('GET', '/x', answer)).toMatchObject({
    ok: false,
    error: { code: 'ADMIN_RESPONSE_INVALID' },
  });
});

it('reports a server that breaks off', async () => {
  const client = await api((request) => request.socket.destroy());
  expect(await client.call('GET', '/x', answer)).toMatchObject({
    ok: false,
    error: { code: 'ADMIN_NO_ANSWER' },
  });
});

it('reports a server that does not run', async () => {
  const client = new AdminApi(join(directory, 'none.sock'));
  expect(await client.call('GET', '/x', answer)).toMatchObject({
    ok: false,
    error: { code: 'ADMIN_SERVER_NOT_RUNNING', exit: 5 },
  });
});
