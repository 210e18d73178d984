import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate, Engine, EngineOptions } from '@masque-vpn/engine';
import { FakeEngine, FakeNetwork, ManualClock } from '@masque-vpn/engine/fake';
import { FakeHost } from '@masque-vpn/host/fake';
import { ok } from '@masque-vpn/protocol';
import pino from 'pino';
import { z } from 'zod';
import { runClient, type ClientOptions, type ClientTools } from '../client.js';
import type { Outcome } from '../failure.js';
import { openClientNetwork } from '../network/network.js';
import { defaultTunnel, type Profile } from '../profile/profile.js';
import type { ClientStatus } from '../status/status.js';
import { TestAuthority } from './authority.js';
import { TestProxy, type ProxyOptions } from './proxy.js';

/** Name of the test server in profile and certificate. */
const serverName = 'vpn.example.org';

/** A client that runs in a {@link ClientWorld}. */
export interface RunningClient {
  readonly engine: FakeEngine;
  readonly outcome: Promise<Outcome<void>>;
  status(): ClientStatus;
  /** Asks it to stop, as SIGTERM does, and lets it. */
  stop(): Promise<Outcome<void>>;
}

/** Waits for the end of a client and returns the code of its failure; null when it had none. */
export async function codeOf({ outcome }: RunningClient): Promise<string | null> {
  const ended = await outcome;
  return ended.ok ? null : ended.error.code;
}

/** One machine with a client, one network, one server, and time that passes when a test says so. */
export class ClientWorld implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly network = new FakeNetwork({ clock: this.clock });
  readonly host = new FakeHost();
  /** Log lines of the clients: level, reason, message. */
  readonly log: { readonly level: number; readonly reason?: string | undefined; readonly msg: string }[] = [];
  /** What the resolver answers; empty fails. */
  addresses: readonly string[] = ['192.0.2.1'];
  /** How often the resolver was asked. */
  resolved = 0;
  readonly authority: TestAuthority;
  readonly directory: string;
  readonly #serverCertificate: Certificate;
  readonly #clientCertificate: Certificate;
  readonly #stops: (() => void)[] = [];

  private constructor(authority: TestAuthority, server: Certificate, client: Certificate, directory: string) {
    this.authority = authority;
    this.directory = directory;
    this.#serverCertificate = server;
    this.#clientCertificate = client;
  }

  static async create(): Promise<ClientWorld> {
    const authority = await TestAuthority.create();
    const server = await authority.server(serverName);
    const client = await authority.client('alice');
    const directory = await mkdtemp(join(tmpdir(), 'masque-vpn-client-'));
    return new ClientWorld(authority, server, client, directory);
  }

  /** A server that trusts this world's authority, on 192.0.2.1:443 unless said otherwise. */
  proxy(options: Partial<ProxyOptions> = {}): TestProxy {
    return new TestProxy(this.network, {
      certificate: this.#serverCertificate,
      anchorsPem: this.authority.pem,
      ...options,
    });
  }

  profile(changes: Partial<Profile> = {}): Profile {
    return {
      client: 'alice',
      url: `https://${serverName}/.well-known/masque/ip/{target}/{ipproto}/`,
      address: null,
      ca: this.authority.pem,
      systemRoots: false,
      certificate: this.#clientCertificate.chainPem,
      privateKey: this.#clientCertificate.keyPem,
      tunnel: defaultTunnel,
      ...changes,
    };
  }

  /** What a client takes from outside; `engines` gets what it opens. */
  tools(engines: FakeEngine[]): ClientTools {
    return {
      openEngine: ({ onEvents }: EngineOptions) => {
        const engine = new FakeEngine({ network: this.network, host: '198.51.100.7', onEvents });
        engines.push(engine);
        return ok<Engine>(engine);
      },
      openNetwork: async (options) => openClientNetwork({ ...options, host: this.host }),
      resolve: async () => {
        this.resolved += 1;
        if (this.addresses.length === 0) throw new Error('getaddrinfo ENOTFOUND');
        return this.addresses;
      },
      clock: this.clock,
      random: () => 0.5,
      log: pino(
        { level: 'debug', base: null },
        { write: (line) => this.log.push(record.parse(JSON.parse(line))) },
      ),
    };
  }

  /** Starts a client and lets it do what it can without time passing. */
  async start(
    changes: Partial<Pick<ClientOptions, 'profile' | 'profilePath' | 'once'>> = {},
  ): Promise<RunningClient> {
    const engines: FakeEngine[] = [];
    const controller = new AbortController();
    let status: (() => ClientStatus) | null = null;
    const { outcome, begun } = this.#run(engines, controller.signal, changes, (read) => (status = read));
    await Promise.race([begun, outcome]);
    await this.network.settle();
    const stop = async (): Promise<Outcome<void>> => {
      controller.abort();
      await this.network.settle();
      // A server that does not answer gets a moment to.
      this.clock.advance(2_000);
      return outcome;
    };
    this.#stops.push(() => void stop());
    const [engine] = engines;
    return {
      engine: engine ?? new FakeEngine({ network: this.network, onEvents: () => undefined }),
      outcome,
      status: () => {
        if (status === null) throw new Error('the client never began');
        return status();
      },
      stop,
    };
  }

  /** Lets time pass, and everything happen that comes of it. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.network.settle();
  }

  /** Lets time pass, second by second, until something holds: files are real, and take a moment. */
  async until(holds: () => boolean): Promise<void> {
    const patience = performance.now() + 5_000;
    while (!holds()) {
      if (performance.now() > patience) throw new Error('waited in vain');
      await new Promise((resolve) => setImmediate(resolve));
      await this.pass(100);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#stops) stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  #run(
    engines: FakeEngine[],
    signal: AbortSignal,
    changes: Partial<Pick<ClientOptions, 'profile' | 'profilePath' | 'once'>>,
    onStarted: (read: () => ClientStatus) => void,
  ): { readonly outcome: Promise<Outcome<void>>; readonly begun: Promise<void> } {
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const outcome = runClient(
      {
        profile: this.profile(),
        profilePath: null,
        directories: { state: join(this.directory, 'state'), runtime: join(this.directory, 'run') },
        once: false,
        signal,
        onStarted: (read) => {
          onStarted(read);
          begin();
        },
        ...changes,
      },
      this.tools(engines),
    );
    return { outcome, begun };
  }
}

const record = z.object({ level: z.number(), reason: z.string().optional(), msg: z.string().default('') });
