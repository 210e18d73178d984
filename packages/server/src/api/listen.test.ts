import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { httpCall } from '../testing/testServer.js';
import { listenTcp, listenUnix } from './listen.js';

let folder: string;
let path: string;
let app: FastifyInstance;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'masque-vpn-'));
  path = join(folder, 'admin.sock');
  app = fastify();
  app.get('/', async () => ({ ours: true }));
});
afterEach(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

function occupy(target: string | number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(target, () => resolve(server)));
}

function release(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

describe('the administration socket', () => {
  test('is for its owner only, answers, and is gone after the end', async () => {
    expect(await listenUnix(app, path)).toEqual({ ok: true, value: undefined });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['admin.sock']);
    expect((await httpCall({ socketPath: path }, 'GET', '/')).body).toEqual({ ours: true });
    await app.close();
    expect(existsSync(path)).toBe(false);
  });

  test('takes the place of one that a crash left behind', async () => {
    const dead = fastify();
    await dead.listen({ path: join(folder, 'other') });
    // Moved, so that closing does not remove it: what a SIGKILL leaves.
    const { renameSync } = await import('node:fs');
    renameSync(join(folder, 'other'), path);
    await dead.close();
    expect(existsSync(path)).toBe(true);
    expect(await listenUnix(app, path)).toMatchObject({ ok: true });
    expect((await httpCall({ socketPath: path }, 'GET', '/')).body).toEqual({ ours: true });
  });

  test('never takes the place of one that answers, and leaves it there', async () => {
    const other = await occupy(path);
    expect(await listenUnix(app, path)).toMatchObject({ ok: false, error: { code: 'ADMIN_SOCKET_IN_USE' } });
    await app.close();
    expect(existsSync(path)).toBe(true);
    await release(other);
  });

  test('never replaces a file', async () => {
    writeFileSync(path, 'precious');
    expect(await listenUnix(app, path)).toMatchObject({ ok: false, error: { code: 'ADMIN_SOCKET_BLOCKED' } });
    expect(statSync(path).size).toBe(8);
  });

  test('refuses a path that the kernel would cut', async () => {
    const long = join(folder, 'x'.repeat(108));
    expect(await listenUnix(app, long)).toMatchObject({ error: { code: 'ADMIN_SOCKET_PATH_TOO_LONG' } });
  });

  test('says why where there is no folder', async () => {
    const nowhere = join(folder, 'missing', 'admin.sock');
    expect(await listenUnix(app, nowhere)).toMatchObject({ error: { code: 'ADMIN_SOCKET_FAILED' } });
  });
});

describe('the TCP port', () => {
  test('says where it is bound', async () => {
    const listening = await listenTcp(app, { address: '127.0.0.1', port: 0 });
    expect(listening).toMatchObject({
      ok: true,
      value: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as unknown,
    });
  });

  test('that is taken: the error names it', async () => {
    const other = await occupy(0);
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const listening = await listenTcp(app, { address: '0.0.0.0', port });
    expect(listening).toMatchObject({
      ok: false,
      error: { code: 'API_ADDRESS_IN_USE', message: expect.stringContaining(String(port)) as unknown },
    });
    await release(other);
  });

  test('of an address this machine does not have', async () => {
    const listening = await listenTcp(app, { address: '198.51.100.77', port: 0 });
    expect(listening).toMatchObject({ ok: false, error: { code: 'API_ADDRESS_UNAVAILABLE' } });
  });

  test('is every IPv4 address where the kernel has no IPv6', async () => {
    const tried = listenWithoutIpv6(app);
    const listening = await listenTcp(app, { address: '::', port: 0 });
    expect(tried).toEqual(['::', '0.0.0.0']);
    expect(listening).toMatchObject({
      ok: true,
      value: expect.stringMatching(/^0\.0\.0\.0:\d+$/) as unknown,
    });
  });

  test('of one IPv6 address stays an error where the kernel has no IPv6', async () => {
    const tried = listenWithoutIpv6(app);
    const listening = await listenTcp(app, { address: '::1', port: 0 });
    expect(tried).toEqual(['::1']);
    expect(listening).toMatchObject({ ok: false, error: { code: 'API_ADDRESS_UNAVAILABLE' } });
  });
});

/** Makes IPv6 addresses fail as a kernel booted with `ipv6.disable=1` does; returns the hosts that are tried. */
function listenWithoutIpv6(app: FastifyInstance): readonly string[] {
  const tried: string[] = [];
  const listen = app.listen.bind(app);
  Object.assign(app, {
    listen: async (options: { host: string; port: number }): Promise<string> => {
      tried.push(options.host);
      if (!options.host.includes(':')) return listen(options);
      throw Object.assign(new Error('listen EAFNOSUPPORT'), { code: 'EAFNOSUPPORT' });
    },
  });
  return tried;
}
