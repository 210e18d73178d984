import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest, type RequestOptions } from 'node:https';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreError } from '../store/storeError.js';
import { TestServer } from '../testing/testServer.js';

const password = 'correct horse battery';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

interface CallOptions {
  readonly tls?: boolean;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Trusted in TLS. */
  readonly ca?: string;
}

const port = (): number => Number(/:(\d+)$/.exec(server.running.apiAddress)?.[1] ?? 0);

function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { tls = false, body, headers = {}, ca } = options;
  return new Promise((resolve, reject) => {
    const parts: RequestOptions = {
      host: '127.0.0.1',
      port: port(),
      method,
      path,
      agent: false,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        'x-csrf-protection': '1',
        ...headers,
      },
    };
    const request = tls
      ? tlsRequest({
          ...parts,
          ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
          servername: 'vpn.example.org',
        })
      : plainRequest(parts);
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Secret of the link that the first start left in a file. */
function firstLink(): string {
  const file = join(server.directory, 'state', 'set-up-link');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  return /setup#(\S+)/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
}

describe('the first start', () => {
  test('leaves a link that makes the first owner, over TLS, with a cookie for this host only', async () => {
    const body = { secret: firstLink(), name: 'ann', password };
    const taken = await call('POST', '/api/v1/setup', { tls: true, body });
    expect(taken.status).toBe(200);
    const [cookie = ''] = String(taken.headers['set-cookie']).split(';');
    expect(String(taken.headers['set-cookie'])).toMatch(
      /^__Host-masque_vpn=.*; HttpOnly; SameSite=Strict; Secure$/,
    );
    const status = await call('GET', '/api/v1/status', { tls: true, headers: { cookie } });
    expect(status.status).toBe(200);
    // The cookie of TLS is none without.
    const plain = await call('GET', '/api/v1/status', { headers: { cookie } });
    expect(plain.status).toBe(401);
  });

  test('says where the link is, and keeps it out of terminal and log', () => {
    const secret = firstLink();
    expect(server.printed.join('\n')).toContain('set-up-link');
    expect(server.printed.join('\n') + JSON.stringify(server.logs)).not.toContain(secret);
  });

  test('is over when there is an owner: a restart leaves no link', async () => {
    await call('POST', '/api/v1/setup', { body: { secret: firstLink(), name: 'ann', password } });
    await server.stop();
    const again = await TestServer.start({ directory: server.directory, clock: server.clock });
    expect(() => readFileSync(join(server.directory, 'state', 'set-up-link'))).toThrow('ENOENT');
    await again[Symbol.asyncDispose]();
    server = await TestServer.start();
  });
});

describe('one port', () => {
  test('is trusted over TLS by who trusts the authority', async () => {
    const credential = await server.addClient('alice');
    const health = await call('GET', '/health', { tls: true, ca: credential.anchorsPem });
    expect(health.status).toBe(200);
  });

  test('asks for a login on this machine, too: local is not root', async () => {
    const plain = await call('GET', '/api/v1/clients');
    expect([plain.status, plain.body]).toEqual([401, expect.stringContaining('API_UNAUTHENTICATED')]);
  });

  test('refuses another name without TLS: DNS rebinding', async () => {
    const plain = await call('GET', '/api/v1/clients', { headers: { host: 'attacker.example' } });
    expect(plain.body).toContain('API_HOST_REFUSED');
  });

  test.each([
    [
      'a header section that is too large',
      `GET /health HTTP/1.1\r\nhost: x\r\ncookie: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
    ],
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 400],
    [
      'two lengths',
      'POST /api/v1/login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc',
      400,
    ],
    [
      'a length and chunks (request smuggling)',
      'POST /api/v1/login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['no Host', 'GET /health HTTP/1.1\r\n\r\n', 400],
    ['a line break in a header', 'GET /health HTTP/1.1\r\nhost: x\r\nx: a\nb\r\n\r\n', 400],
  ])('answers %s with problem details and hangs up', async (_what, text, status) => {
    const socket = await opened();
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.write(text);
    await once(socket, 'close');
    expect(answer.split('\r\n')[0]).toContain(` ${status} `);
    expect(answer).toContain('application/problem+json');
  });

  test('takes duplicate headers for what HTTP says they are', async () => {
    const socket = await opened();
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    const head = [
      'GET /api/v1/me HTTP/1.1',
      'host: localhost',
      'authorization: Bearer mvt_a',
      'authorization: Bearer mvt_b',
    ];
    socket.write(`${head.join('\r\n')}\r\nconnection: close\r\n\r\n`);
    await once(socket, 'close');
    expect(answer).toContain('API_UNAUTHENTICATED');
  });
});

describe('while the database is away', () => {
  const away = new StoreError('STORE_UNAVAILABLE', 'gone');

  test('calls get 503 and when to come back, health says so, and all recovers by itself', async () => {
    const body = { secret: firstLink(), name: 'ann', password };
    const taken = await call('POST', '/api/v1/setup', { body });
    const [cookie = ''] = String(taken.headers['set-cookie']).split(';');
    const headers = { cookie };
    server.storeFailure = away;
    const calls = await Promise.all([
      call('GET', '/api/v1/me', { headers }),
      call('POST', '/api/v1/login', { body: { name: 'ann', password } }),
      call('GET', '/api/v1/clients', { headers: { authorization: `Bearer mvt_${'a'.repeat(43)}` } }),
    ]);
    for (const { status, body: text, headers: answered } of calls) {
      expect([status, answered['retry-after']]).toEqual([503, '5']);
      expect(text).toContain('STORE_UNAVAILABLE');
    }
    expect((await call('GET', '/metrics')).status).toBe(200);
    server.storeFailure = null;
    expect((await call('GET', '/api/v1/me', { headers })).status).toBe(200);
  });
});

async function opened(): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: port() });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}
