import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { ClientModel, SessionListModel, StatusModel, type SessionModel } from '@masque-vpn/server/models';
import { parseMetrics, type Metrics } from '../metrics/prometheus.js';
import { within, type CommandLine } from '../process/commandLine.js';
import { Daemon } from '../process/daemon.js';
import { eventually } from '../process/eventually.js';
import { mustRun, run, type Finished } from '../process/run.js';
import { masqueVpn } from '../repository.js';
import type { Lab } from './lab.js';
import type { Machine } from './machine.js';
import { serverToml, type ServerSettings } from './serverSettings.js';

export type ApiMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ServerOptions {
  /** Added to, or instead of, the lab's settings. */
  readonly settings?: ServerSettings;
  /** A program that runs the server in another way: with fewer rights, say. */
  readonly wrapper?: CommandLine;
  /** Where the server keeps its state; default: in its directory. */
  readonly stateDirectory?: string;
  /** Its directory's name in the lab's; default: `server`. */
  readonly directory?: string;
  /** Where it runs; default: the lab's server. */
  readonly machine?: Machine;
}

/** Patience with a server that starts on a busy machine, milliseconds. */
const startWithinMs = 20_000;

/** A `masque-vpn server` process in a lab. It can be killed and started again on the same state. */
export class VpnServer implements AsyncDisposable {
  private running: Daemon | null = null;

  private constructor(
    readonly machine: Machine,
    readonly directory: string,
    readonly stateDirectory: string,
    private readonly wrapper: CommandLine | null,
  ) {}

  /** Writes the configuration; nothing runs yet. */
  static async prepare(
    lab: Lab,
    {
      settings = {},
      wrapper,
      stateDirectory,
      directory: name = 'server',
      machine = lab.server,
    }: ServerOptions = {},
  ): Promise<VpnServer> {
    const directory = join(lab.directory, name);
    await mkdir(directory, { recursive: true });
    const state = stateDirectory ?? join(directory, 'state');
    const base: ServerSettings = {
      server: { host: machine.ipv4, state_dir: state, runtime_dir: join(directory, 'run') },
      log: { level: 'debug', format: 'json' },
    };
    await writeFile(join(directory, 'server.toml'), serverToml(base, settings));
    return new VpnServer(machine, directory, state, wrapper ?? null);
  }

  /** Prepared, started and ready. */
  static async start(lab: Lab, options: ServerOptions = {}): Promise<VpnServer> {
    const server = await VpnServer.prepare(lab, options);
    await server.start();
    return server;
  }

  get configFile(): string {
    return join(this.directory, 'server.toml');
  }

  get socket(): string {
    return join(this.directory, 'run', 'admin.sock');
  }

  /** The process that runs, or ran last. */
  get process(): Daemon {
    if (this.running === null) throw new Error('the server was never started');
    return this.running;
  }

  /** Starts the process, without waiting for anything. */
  launch(): Daemon {
    const command = { program: process.execPath, args: [masqueVpn, 'server', '--config', this.configFile] };
    const wrapped = this.wrapper === null ? command : within(this.wrapper, command);
    this.running = new Daemon(this.machine.namespace.inside(wrapped));
    return this.running;
  }

  /** Starts the process and waits until its API answers. */
  async start(): Promise<void> {
    const daemon = this.launch();
    await eventually(
      'server ready',
      async () => {
        if (!daemon.running) throw new Error(`the server ended:\n${daemon.output}`);
        const answer = await this.status().catch((error: unknown) => error);
        if (answer instanceof Error) throw new Error(`${answer.message}; it said:\n${daemon.output}`);
        return true;
      },
      startWithinMs,
    );
  }

  /** `masque-vpn admin ARGS`. */
  async admin(...args: readonly string[]): Promise<Finished> {
    return run(this.adminCommand(args));
  }

  /** Creates a client and returns the path of its profile. */
  async addClient(name: string): Promise<string> {
    const profile = join(this.directory, `${name}.toml`);
    await mustRun(this.adminCommand(['client', 'add', name, '--out', profile]));
    return profile;
  }

  async status(): Promise<StatusModel> {
    return StatusModel.parse(await this.get('/api/v1/status'));
  }

  async sessions(): Promise<readonly SessionModel[]> {
    return SessionListModel.parse(await this.get('/api/v1/sessions')).items;
  }

  async client(name: string): Promise<ClientModel> {
    return ClientModel.parse(await this.get(`/api/v1/clients/${name}`));
  }

  /** Scrapes `http://server:8080/metrics` from the network behind the server. */
  async metrics(from: Machine): Promise<Metrics> {
    const { status, body } = await from.agent.call('get', { url: 'http://203.0.113.1:8080/metrics' });
    if (status !== 200) throw new Error(`/metrics answered ${status}: ${body}`);
    return parseMetrics(body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running?.[Symbol.asyncDispose]();
  }

  private adminCommand(args: readonly string[]): CommandLine {
    return { program: process.execPath, args: [masqueVpn, 'admin', '--socket', this.socket, ...args] };
  }

  /** A call over the administration socket, which no namespace hides; anything but success is an error. */
  async api(method: ApiMethod, path: string, body?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? null : JSON.stringify(body);
      const headers = {
        host: 'localhost',
        ...(text === null
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      };
      const call = request({ socketPath: this.socket, method, path, headers, timeout: 5000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString();
          const status = response.statusCode ?? 0;
          if (status < 200 || status > 299) reject(new Error(`${method} ${path}: ${status} ${answer}`));
          else resolve(answer === '' ? null : JSON.parse(answer));
        });
      });
      call.on('timeout', () => call.destroy(new Error(`${method} ${path}: no answer`)));
      call.on('error', reject);
      call.end(text ?? undefined);
    });
  }

  private get(path: string): Promise<unknown> {
    return this.api('GET', path);
  }
}
