import { chmod, lstat, mkdtemp, rename, rm } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { FastifyInstance } from 'fastify';

export const listenErrorCodes = [
  'API_ADDRESS_IN_USE',
  'API_ADDRESS_UNAVAILABLE',
  'API_PERMISSION_DENIED',
  'ADMIN_SOCKET_IN_USE',
  'ADMIN_SOCKET_BLOCKED',
  'ADMIN_SOCKET_PATH_TOO_LONG',
  'ADMIN_SOCKET_FAILED',
] as const;
export type ListenErrorCode = (typeof listenErrorCodes)[number];

export interface ListenError {
  readonly code: ListenErrorCode;
  /** What happened and what to do, for people. */
  readonly message: string;
}

/** `sun_path` of Linux, without its final zero byte. */
const longestSocketPath = 107;

/**
 * Serves the API over TCP; returns the bound address, `[::]:8080`. Where the kernel has no IPv6, `[::]` means every
 * IPv4 address, as it does for the engine's UDP socket.
 */
export async function listenTcp(
  app: FastifyInstance,
  listen: { readonly address: string; readonly port: number },
): Promise<Result<string, ListenError>> {
  const { address, port } = listen;
  try {
    await bind(app, address, port);
    return ok(formatAddressInfo(app.server.address()));
  } catch (error) {
    const code = errorCode(error);
    const failure = code === null ? null : tcpFailure(code, address, port);
    if (failure === null) throw error;
    return fail(failure);
  }
}

async function bind(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    if (host !== '::' || errorCode(error) !== 'EAFNOSUPPORT') throw error;
    await app.listen({ host: '0.0.0.0', port });
  }
}

/** What a system error of `bind` or `listen` means; null for one that is not expected. */
function tcpFailure(code: string, host: string, port: number): ListenError | null {
  const text = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return {
        code: 'API_ADDRESS_IN_USE',
        message: `another program listens on TCP ${text}; end it, or set api.listen in server.toml`,
      };
    case 'EACCES':
      return {
        code: 'API_PERMISSION_DENIED',
        message: `this user may not listen on TCP ${text}; choose a port above 1023 in api.listen`,
      };
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return {
        code: 'API_ADDRESS_UNAVAILABLE',
        message: `this machine has no address ${host}; set api.listen in server.toml`,
      };
    default:
      return null;
  }
}

/**
 * Serves the API on a Unix socket that only this user may open (mode 0600). A socket that a crash left behind is
 * replaced; one that somebody answers on is not. It is made in a private folder and moved into place, so that
 * there is no moment at which others could open it.
 */
export async function listenUnix(app: FastifyInstance, path: string): Promise<Result<void, ListenError>> {
  if (Buffer.byteLength(path) > longestSocketPath) {
    return fail({
      code: 'ADMIN_SOCKET_PATH_TOO_LONG',
      message: `${path} is longer than ${longestSocketPath} bytes; choose a shorter runtime_dir`,
    });
  }
  const blocked = await judgePlace(path);
  if (blocked !== null) return fail(blocked);
  let ours = false;
  app.addHook('onClose', async () => {
    if (ours) await rm(path, { force: true });
  });
  try {
    const folder = await mkdtemp(join(dirname(path), '.'));
    try {
      const made = join(folder, 's');
      await app.listen({ path: made });
      await chmod(made, 0o600);
      await rename(made, path);
      ours = true;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return ok(undefined);
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return fail({ code: 'ADMIN_SOCKET_FAILED', message: `${path}: ${(error as Error).message}` });
  }
}

/** Why the socket cannot be made at `path`; null if it can. */
async function judgePlace(path: string): Promise<ListenError | null> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return null;
  if (!found.isSocket()) {
    return { code: 'ADMIN_SOCKET_BLOCKED', message: `${path} is in the way and is no socket; remove it` };
  }
  if (!(await answers(path))) return null;
  return {
    code: 'ADMIN_SOCKET_IN_USE',
    message: `a server runs already: it answers at ${path}; stop it, or use another runtime_dir`,
  };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

function formatAddressInfo(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return address ?? '';
  return address.family === 'IPv6'
    ? `[${address.address}]:${address.port}`
    : `${address.address}:${address.port}`;
}

function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
