import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import type { StoreLocation } from '../store.js';
import { postgresProgram } from './postgresPrograms.js';

const superuser = 'masque_vpn';

/** Members of this role need their password, as in production; everybody else is trusted. */
export const passwordGroup = 'password_needed';

/** Where a cluster listens. */
export interface ClusterAddress {
  /** Folder of its Unix socket. */
  readonly socketFolder: string;
}

/**
 * A PostgreSQL of the tests' own: in a temporary folder, on a Unix socket only, gone on disposal, and also when the
 * tests are killed.
 */
export class PostgresCluster implements AsyncDisposable {
  readonly address: ClusterAddress;
  readonly #folder: string;
  readonly #durable: boolean;
  #server: ChildProcess | null = null;

  private constructor(folder: string, durable: boolean) {
    this.#folder = folder;
    this.#durable = durable;
    this.address = { socketFolder: folder };
  }

  /**
   * Makes a cluster and starts it.
   *
   * @param options.durable whether it survives a crash, as in production; otherwise it is as quick as it can be
   * @param options.folder where its files are; absent: a new temporary folder
   */
  static async create(options: {
    readonly durable: boolean;
    readonly folder?: string;
  }): Promise<PostgresCluster> {
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'masque-vpn-postgres-'));
    const cluster = new PostgresCluster(folder, options.durable);
    const owner = serverUser();
    if (owner !== null) chownSync(folder, owner.uid, owner.gid);
    const initdb = ['-D', join(folder, 'data'), '-U', superuser, '-A', 'trust', '-E', 'UTF8', '--no-locale'];
    const [program, ...args] = asServerUser(postgresProgram('initdb'), [...initdb, '--no-sync']);
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    writeFileSync(
      join(folder, 'data', 'pg_hba.conf'),
      `local all +${passwordGroup} scram-sha-256\nlocal all all trust\nhostssl all all 127.0.0.1/32 trust\n`,
    );
    await cluster.start();
    await query(cluster.address, `create role ${passwordGroup} nologin`);
    return cluster;
  }

  /**
   * Starts it again, on a TCP port of 127.0.0.1 that takes TLS only; returns the port.
   *
   * @param certificate PEM
   */
  async restartWithTls(certificate: { readonly chainPem: string; readonly keyPem: string }): Promise<number> {
    const files = { ssl_cert_file: certificate.chainPem, ssl_key_file: certificate.keyPem };
    const owner = serverUser();
    for (const [name, pem] of Object.entries(files)) {
      const file = join(this.#folder, 'data', name);
      writeFileSync(file, pem, { mode: 0o600 });
      if (owner !== null) chownSync(file, owner.uid, owner.gid);
    }
    const port = await freePort();
    await this.stop();
    await this.start({
      ...{ listen_addresses: '127.0.0.1', port: String(port), ssl: 'on' },
      ...{ ssl_cert_file: 'ssl_cert_file', ssl_key_file: 'ssl_key_file' },
    });
    return port;
  }

  /** Settles when it takes connections. */
  async start(changed: Readonly<Record<string, string>> = {}): Promise<void> {
    const settings = {
      listen_addresses: '',
      unix_socket_directories: this.#folder,
      max_connections: '200',
      shared_buffers: '32MB',
      ...(this.#durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
      ...changed,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [program, ...args] = asServerUser(postgresProgram('postgres'), [
      '-D',
      join(this.#folder, 'data'),
      ...flags,
    ]);
    const server = spawn(program, args, { cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#server = server;
    const lines: string[] = [];
    for await (const line of createInterface({ input: server.stderr })) {
      if (line.includes('database system is ready to accept connections')) break;
      lines.push(line);
    }
    if (server.exitCode !== null || server.stderr.readableEnded) {
      throw new Error(`PostgreSQL did not start:\n${lines.join('\n')}`);
    }
    server.stderr.resume();
  }

  /** Ends it in order; clients are cut off. */
  async stop(): Promise<void> {
    await this.#end((server) => server.kill('SIGINT'));
  }

  /** Ends every process of it at once, as a power cut would. */
  async kill(): Promise<void> {
    await this.#end(({ pid }) => {
      if (pid === undefined) return;
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
      for (const process_ of [pid, ...children.map(Number)]) {
        try {
          process.kill(process_, 'SIGKILL');
        } catch {
          // It has ended already.
        }
      }
    });
  }

  /** A new, empty database, or a copy of another. */
  async createDatabase(name: string, template = 'template0', options = ''): Promise<void> {
    await query(this.address, `create database ${name} template ${template} ${options}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end((server) => server.kill('SIGQUIT'));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: (server: ChildProcess) => void): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server?.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    signal(server);
    await exited;
  }
}

/** A TCP port that nobody has now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** One statement as the superuser. */
export async function query(
  address: ClusterAddress,
  sql: string,
  database = 'postgres',
): Promise<Record<string, unknown>[]> {
  const client = new Client({ host: address.socketFolder, user: superuser, database });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A database of the cluster as the store wants it. */
export function locationOf(
  address: ClusterAddress,
  database: string,
): Extract<StoreLocation, { readonly kind: 'postgres' }> {
  return {
    kind: 'postgres',
    address: {
      host: address.socketFolder,
      port: 5432,
      database,
      user: superuser,
      password: null,
      tls: { mode: 'disable' },
    },
    passwordFile: null,
  };
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root; null: we are somebody else already. */
function serverUser(): User | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  const find = (name: string): string | undefined => users.find((line) => line.startsWith(`${name}:`));
  const [, , uid, gid] = (find('postgres') ?? find('nobody') ?? '').split(':');
  if (uid === undefined || gid === undefined) throw new Error('there is no user "postgres" and no "nobody"');
  return { uid: Number(uid), gid: Number(gid) };
}

/** The command line that runs a program as that user, and ends it when we are killed. */
function asServerUser(program: string, args: readonly string[]): [string, ...string[]] {
  const user = serverUser();
  const change =
    user === null ? [] : ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'];
  return ['setpriv', '--pdeathsig', 'QUIT', ...change, program, ...args];
}
