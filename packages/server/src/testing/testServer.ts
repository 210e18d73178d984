import { mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Snapshot } from '@masque-vpn/engine';
import { FakeEngine, FakeNetwork, ManualClock } from '@masque-vpn/engine/fake';
import { FakeHost } from '@masque-vpn/host/fake';
import { parsePrefix, type Prefix } from '@masque-vpn/protocol';
import type { ResolveName } from '../admission/nameResolution.js';
import { CreatedClientModel } from '../api/models.js';
import type { Domain } from '../composition/domain.js';
import type { ServerConfig } from '../config/config.js';
import { startServer, type RunningServer } from '../server.js';
import { openStore } from '../store/store.js';
import type { StoreError } from '../store/storeError.js';
import { makeKeyAndRequest, type Credential } from './credential.js';
import { sampleOf } from './exposition.js';
import { failableStore } from './failableStore.js';
import { TestClient } from './testClient.js';

export interface TestServerOptions {
  readonly config?: Partial<ServerConfig>;
  /**
   * Called when the engine is there, and what is kept in memory was read, and nothing else: a machine without TUN, a
   * host that answers badly, a database that is slow.
   */
  readonly prepare?: (machine: {
    readonly engine: FakeEngine;
    readonly host: FakeHost;
    readonly pauses: TestServer['pauses'];
  }) => void;
  /** Folder of a server before; a new one otherwise. */
  readonly directory?: string;
  readonly clock?: ManualClock;
  readonly resolveName?: ResolveName;
}

/** A whole server in this process: fake engine, host in memory, real SQLite and sockets in a folder of its own. */
export class TestServer implements AsyncDisposable {
  readonly logs: Record<string, unknown>[] = [];
  readonly printed: string[] = [];
  /** While set, every query fails with it, as on a full or broken disk. */
  storeFailure: StoreError | null = null;
  /** What every query of a repository (`leases`, `sessionHistory`) waits for, as on a slow disk. */
  readonly pauses = new Map<string | symbol, Promise<void>>();
  readonly host = new FakeHost();
  readonly network: FakeNetwork;
  readonly clock: ManualClock;
  readonly directory: string;
  readonly config: ServerConfig;
  #engine: FakeEngine | null = null;
  #running: RunningServer | null = null;
  #anchorsPem = '';
  #domain: Domain | null = null;

  private constructor(options: TestServerOptions) {
    this.clock = options.clock ?? new ManualClock();
    this.network = new FakeNetwork({ clock: this.clock });
    this.directory = options.directory ?? mkdtempSync(join(tmpdir(), 'masque-vpn-'));
    this.config = { ...testConfig(this.directory), ...options.config };
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const server = new TestServer(options);
    const started = await server.#start(options);
    if (!started.ok) throw new Error(`${started.error.code}: ${started.error.message}`);
    return server;
  }

  /** The code of a start that is expected to fail. */
  static async failToStart(
    options: TestServerOptions,
  ): Promise<{ readonly code: string; readonly message: string }> {
    const server = new TestServer(options);
    const started = await server.#start(options);
    if (!started.ok) return started.error;
    await started.value.stop();
    throw new Error('the server started');
  }

  async #start(options: TestServerOptions): ReturnType<typeof startServer> {
    const started = await startServer({
      config: this.config,
      environment: {},
      clock: this.clock,
      host: this.host,
      ...(options.resolveName === undefined ? {} : { resolveName: options.resolveName }),
      openEngine: ({ onEvents }) => {
        this.#engine = new FakeEngine({ network: this.network, onEvents });
        options.prepare?.({ engine: this.#engine, host: this.host, pauses: this.pauses });
        return { ok: true, value: this.#engine };
      },
      openStore: async (storeOptions) => {
        const opened = await openStore(storeOptions);
        if (!opened.ok) return opened;
        const trouble = {
          failure: () => this.storeFailure,
          pause: (name: string | symbol) => this.pauses.get(name),
        };
        return { ok: true, value: failableStore(opened.value, trouble) };
      },
      onComposed: (domain) => {
        this.#domain = domain;
      },
      print: (line) => this.printed.push(line),
      logTarget: {
        write: (line) => this.logs.push(JSON.parse(line) as Record<string, unknown>),
      },
    });
    if (started.ok) this.#running = started.value;
    return started;
  }

  get engine(): FakeEngine {
    if (this.#engine === null) throw new Error('no engine yet');
    return this.#engine;
  }

  get running(): RunningServer {
    if (this.#running === null) throw new Error('not running');
    return this.#running;
  }

  /** Waits, without moving the server's clock, until something holds. */
  readonly until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
    const patience = performance.now() + 5_000;
    while (!(await holds())) {
      if (performance.now() > patience) throw new Error(`waited in vain for ${what}`);
      await this.network.settle();
    }
  };

  /** Creates a client over the administration socket. */
  async addClient(name: string): Promise<Credential> {
    const { keyPem, csrPem } = await makeKeyAndRequest(name);
    const { status, body } = await this.call('POST', '/api/v1/clients', { name, csrPem });
    if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
    const created = CreatedClientModel.parse(body);
    this.#anchorsPem = created.caPem;
    return { chainPem: created.certificatePem ?? '', keyPem, anchorsPem: created.caPem };
  }

  /** Clients made from now on trust this authority. */
  trust(anchorsPem: string): void {
    this.#anchorsPem = anchorsPem;
  }

  /** A client that has not connected; null: without a certificate. */
  client(credential: Pick<Credential, 'chainPem' | 'keyPem'> | null): TestClient {
    const { network, until } = this;
    const remoteAddress = this.running.udpAddress;
    return new TestClient({ network, remoteAddress, credential, anchorsPem: this.#anchorsPem, until });
  }

  async connected(credential: Pick<Credential, 'chainPem' | 'keyPem'> | null): Promise<TestClient> {
    const client = this.client(credential);
    const outcome = await client.connect();
    if (outcome !== 'connected') throw new Error(`not connected: ${outcome}`);
    return client;
  }

  /** One call over the administration socket. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpAnswer> {
    return httpCall({ socketPath: this.running.adminSocket }, method, path, body, headers);
  }

  /** `/metrics` over TCP, after the interval that scrapes share. */
  async scrape(): Promise<string> {
    this.clock.advance(100);
    const [, port = ''] = /:(\d+)$/.exec(this.running.apiAddress) ?? [];
    const { status, body } = await httpCall({ host: '127.0.0.1', port: Number(port) }, 'GET', '/metrics');
    if (status !== 200) throw new Error(`scrape: ${status}`);
    return String(body);
  }

  /** One sample, without the prefix of its name. */
  async sample(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | null> {
    return sampleOf(await this.scrape(), `masque_vpn_${name}`, labels);
  }

  /** How much server and engine remember of connections and sessions. */
  remembered(): unknown {
    const rows = new Snapshot();
    this.engine.snapshot(rows);
    return {
      table: this.#domain?.sessions.table.size,
      accounts: this.#domain?.metrics.size,
      engine: { sessionRows: rows.sessionRows, connectionRows: rows.connectionRows },
    };
  }

  /** The reasons of the refusals in the log, in order. */
  get refusals(): readonly unknown[] {
    return this.logs.filter(({ msg }) => msg === 'request refused').map(({ reason }) => reason);
  }

  /** Stops in order, helping the clock along: a drain waits for it. */
  async stop(): Promise<void> {
    const stopped = this.running.stop();
    let done = false;
    void stopped.finally(() => {
      done = true;
    });
    await this.until('the server to stop', () => {
      this.clock.advance(100);
      return done;
    });
    await stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running !== null) await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Complete, with everything a test may want to change. */
export function testConfig(directory: string): ServerConfig {
  return {
    server: {
      listen: { address: '127.0.0.1', port: 0, text: '127.0.0.1:0' },
      host: 'vpn.example.org',
      path: '/.well-known/masque/ip/{target}/{ipproto}/',
      stateDir: join(directory, 'state'),
      runtimeDir: join(directory, 'run'),
      ownCertificate: null,
      tunnelCertificate: 'authority',
    },
    front: { enabled: false },
    acme: null,
    pki: { keyFile: null, clientValidityMs: 30 * 86_400_000 },
    auth: { clientTokens: false },
    store: { kind: 'sqlite' },
    tunnel: { name: 'masque0', mtu: 1400, offload: true, congestionControl: 'adaptive', workers: 1 },
    pool: { ipv4: [prefixOf('10.89.0.0/24')], ipv6: [prefixOf('fd4d:5156:504e::/64')], quarantineMs: 60_000 },
    routes: { advertise: [prefixOf('0.0.0.0/0'), prefixOf('::/0')] },
    network: { manage: true, nat: true, hostAccess: false },
    sessions: { idleTimeoutMs: 30_000, perClient: 8, perConnection: 16, max: 10_000, drainMs: 10_000 },
    api: {
      listen: { address: '127.0.0.1', port: 0, text: '127.0.0.1:0' },
      sessionIdleMs: 3_600_000,
      sessionAbsoluteMs: 12 * 3_600_000,
    },
    oidc: null,
    metrics: { perClient: true, clientCeiling: 10_000, retentionMs: 15 * 60_000, tokenFile: null },
    history: { sessionsMs: 90 * 86_400_000 },
    webhooks: { allowPrivate: true },
    log: { level: 'debug', format: 'json' },
  };
}

export function prefixOf(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** One HTTP call; a JSON body is parsed. */
export function httpCall(
  target: { readonly socketPath: string } | { readonly host: string; readonly port: number },
  method: string,
  path: string,
  body?: unknown,
  extra: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = text === '' ? extra : { 'content-type': 'application/json', ...extra };
    const call = request({ ...target, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const content = Buffer.concat(chunks).toString('utf8');
        const json = content !== '' && /\/(?:.*\+)?json\b/.test(response.headers['content-type'] ?? '');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: json ? (JSON.parse(content) as unknown) : content,
        });
      });
    });
    call.on('error', reject);
    call.end(text);
  });
}
