import type { Certificate, ClientTrust, EngineResult, ListenerOptions, TransportOptions } from '../engine.js';
import { ConnectionEnd } from './connection.js';
import type { Core } from './core.js';
import type { Dial } from './network.js';
import {
  alertCode,
  judgeChain,
  readCertificate,
  readTrust,
  type CertificateAlert,
  type Chain,
  type Trust,
} from './trust.js';

/** QUIC transport error CONNECTION_REFUSED (RFC 9000 §20.1). */
const connectionRefused = 0x02;

/** What a server says in its SETTINGS, as far as a client is told. */
export interface FakeSettings {
  readonly extendedConnect: boolean;
  readonly datagrams: boolean;
}

/** A client's side of the handshake. */
export interface Hello {
  readonly connection: ConnectionEnd;
  readonly chain: Chain | null;
  /** The client's verdict on the server's certificate. */
  readonly judgeServer: (chain: Chain) => CertificateAlert | null;
  readonly onConnected: (server: ConnectionEnd, settings: FakeSettings) => void;
}

/** Takes connections in for one engine. */
export class Listener {
  listening = true;
  readonly connections = new Set<ConnectionEnd>();
  readonly #core: Core;
  readonly #options: ListenerOptions;
  readonly #settings: FakeSettings;
  #chain: Chain;
  #trust: Trust;

  private constructor(
    core: Core,
    options: ListenerOptions,
    settings: FakeSettings,
    chain: Chain,
    trust: Trust,
  ) {
    this.#core = core;
    this.#options = options;
    this.#settings = settings;
    this.#chain = chain;
    this.#trust = trust;
  }

  /** Fails with ENGINE_INVALID_CERTIFICATE. */
  static create(core: Core, options: ListenerOptions, settings: FakeSettings): EngineResult<Listener> {
    const chain = readCertificate(options.certificate);
    if (!chain.ok) return chain;
    const trust = readTrust(options.clientTrust);
    if (!trust.ok) return trust;
    return { ok: true, value: new Listener(core, options, settings, chain.value, trust.value) };
  }

  setCertificate(certificate: Certificate): EngineResult<void> {
    const chain = readCertificate(certificate);
    if (!chain.ok) return chain;
    this.#chain = chain.value;
    return { ok: true, value: undefined };
  }

  setClientTrust(trust: ClientTrust): EngineResult<void> {
    const read = readTrust(trust);
    if (!read.ok) return read;
    this.#trust = read.value;
    return { ok: true, value: undefined };
  }

  /** An Initial arrived. */
  receive({ from, to, hello }: Dial<Hello>): void {
    const client = hello.connection;
    if (client.state !== 'handshaking') return;
    const { network, counters } = this.#core;
    const answer = (deliver: () => void): void => network.send(to, from, true, deliver);
    if (!this.listening || this.connections.size >= this.#options.maxConnections) {
      counters.totals.add('handshakes.refused');
      answer(() => client.end('peerClosed', connectionRefused, 'the server takes no connections'));
      return;
    }
    const serverAlert = hello.judgeServer(this.#chain);
    const clientAlert = this.#judgeClient(hello.chain);
    const alert = serverAlert ?? clientAlert;
    if (alert !== null) {
      counters.totals.add(
        serverAlert === null ? 'handshakes.certificateRefused' : 'handshakes.serverDistrusted',
      );
      const cause = serverAlert === null ? 'tlsRefused' : 'peerUntrusted';
      answer(() => client.end(cause, alertCode(alert), alert));
      return;
    }
    counters.totals.add('handshakes.completed');
    const server = this.#establish(from, to, hello);
    answer(() => hello.onConnected(server, this.#settings));
  }

  #judgeClient(chain: Chain | null): CertificateAlert | null {
    if (chain === null || this.#trust.listedLeafs.has(chain.leafSha256)) return null;
    return judgeChain(chain, this.#trust.anchors, 'client', this.#core.clock.now());
  }

  #establish(from: string, to: string, hello: Hello): ConnectionEnd {
    const transport: TransportOptions = this.#options.transport;
    const server = new ConnectionEnd(this.#core, {
      role: 'server',
      localAddress: to,
      remoteAddress: from,
      transport,
      peerLimits: this.#options.peerLimits,
      clientChain: hello.chain,
      unauthenticatedMs: this.#options.unauthenticatedMs,
      takesRequests: () => this.listening,
      onEnded: (connection) => this.connections.delete(connection),
    });
    this.connections.add(server);
    server.establish(hello.connection);
    return server;
  }
}
