import { chmod, mkdir, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { failed, type Outcome } from '../failure.js';
import { systemErrorCode, systemErrorText } from '../systemError.js';
import type { ClientStatus } from './status.js';

/** Bytes of a Unix socket's path that Linux takes, without the final zero (unix(7)). */
const longestSocketPath = 107;

/** Where the status of a client is to be had. */
function statusSocketPath(runtimeDirectory: string, client: string): string {
  return join(runtimeDirectory, `${client}.sock`);
}

/**
 * A client's status socket: whoever connects gets one JSON object and the end. It is also what keeps a second
 * client of the same profile from starting: a socket that answers has an owner, one that does not is a leftover.
 */
export class StatusSocket implements AsyncDisposable {
  readonly #server: Server;
  readonly path: string;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.path = path;
  }

  /** Fails with CLIENT_ALREADY_RUNNING or CLIENT_STATE_UNUSABLE. */
  static async open(
    runtimeDirectory: string,
    client: string,
    status: () => ClientStatus,
  ): Promise<Outcome<StatusSocket>> {
    const path = statusSocketPath(runtimeDirectory, client);
    if (Buffer.byteLength(path) > longestSocketPath) {
      return unusable(path, 'the path is too long for a Unix socket');
    }
    try {
      await mkdir(runtimeDirectory, { recursive: true, mode: 0o700 });
      if (await answers(path)) {
        return failed(
          'CLIENT_ALREADY_RUNNING',
          `${client} is connected already: its status socket ${path} answers.`,
        );
      }
      await rm(path, { force: true });
      const server = createServer((socket) => {
        socket.on('error', () => socket.destroy());
        socket.end(`${JSON.stringify(status())}\n`);
      });
      await listening(server, path);
      await chmod(path, 0o600);
      return { ok: true, value: new StatusSocket(server, path) };
    } catch (error) {
      return unusable(path, systemErrorText(error));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Node removes the socket's file with it.
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function unusable(path: string, reason: string): ReturnType<typeof failed> {
  return failed(
    'CLIENT_STATE_UNUSABLE',
    `No status socket at ${path}: ${reason}. Choose another place with --runtime-dir.`,
  );
}

async function listening(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

async function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => {
      const code = systemErrorCode(error);
      if (code === 'ENOENT' || code === 'ECONNREFUSED') resolve(false);
      else reject(error);
    });
  });
}
