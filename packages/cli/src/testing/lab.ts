import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientTools, openClientNetwork } from '@masque-vpn/client';
import { FakeEngine, FakeNetwork, ManualClock } from '@masque-vpn/engine/fake';
import { FakeHost } from '@masque-vpn/host/fake';
import { type RunningServer, startServer } from '@masque-vpn/server';

const configuration = (port: number): string => `
[server]
host = "vpn.example.org"
listen = "127.0.0.1:${port}"
[api]
listen = "127.0.0.1:0"
[log]
level = "silent"
`;

/** A whole server in this process, and a machine for clients: engines and hosts in memory, real sockets and files. */
export class Lab implements AsyncDisposable {
  readonly directory: string;
  readonly clock: ManualClock;
  readonly network: FakeNetwork;
  readonly clientHost = new FakeHost();
  readonly server: RunningServer;

  private constructor(directory: string, network: FakeNetwork, clock: ManualClock, server: RunningServer) {
    this.directory = directory;
    this.network = network;
    this.clock = clock;
    this.server = server;
  }

  static async start(): Promise<Lab> {
    const directory = await mkdtemp(join(tmpdir(), 'masque-vpn-cli-'));
    const clock = new ManualClock();
    const network = new FakeNetwork({ clock });
    const configFile = join(directory, 'server.toml');
    await writeFile(configFile, configuration(await freePort()));
    const started = await startServer({
      configFile,
      stateDir: join(directory, 'server'),
      runtimeDir: join(directory, 'server-run'),
      environment: {},
      clock,
      host: new FakeHost(),
      openEngine: ({ onEvents }) => ({ ok: true, value: new FakeEngine({ network, onEvents }) }),
    });
    if (!started.ok) throw new Error(`${started.error.code}: ${started.error.message}`);
    return new Lab(directory, network, clock, started.value);
  }

  /** A place for a file. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** The client's machine; its resolver knows the server. */
  clientTools(): Omit<ClientTools, 'log'> {
    return {
      openEngine: ({ onEvents }) => ({
        ok: true,
        value: new FakeEngine({ network: this.network, host: '198.51.100.7', onEvents }),
      }),
      openNetwork: async (options) => openClientNetwork({ ...options, host: this.clientHost }),
      resolve: async () => Promise.resolve(['127.0.0.1']),
      clock: this.clock,
      random: () => 0.5,
    };
  }

  /** Waits, without moving the clock, until something holds: sockets and files are real, and take a moment. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const patience = performance.now() + 5_000;
    while (!holds()) {
      if (performance.now() > patience) throw new Error(`waited in vain for ${what}`);
      await this.network.settle();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    await rm(this.directory, { recursive: true });
  }
}

/** A TCP port that nobody has at this moment: enrolment is over real sockets, and its number stands in links. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
