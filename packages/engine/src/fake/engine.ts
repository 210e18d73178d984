import type {
  Capsule,
  Certificate,
  ClientTrust,
  ConnectionCloseCause,
  ConnectionId,
  ConnectorOptions,
  Engine,
  EngineOptions,
  EngineResult,
  Forwarding,
  HeaderField,
  ListenerOptions,
  MeterOptions,
  RuleSet,
  SessionCloseCause,
  SessionId,
  TunInfo,
  TunOptions,
} from '../engine.js';
import type { Snapshot, TotalColumn } from '../snapshot.js';
import type { ConnectionEnd } from './connection.js';
import { dial, judgeTransport } from './connector.js';
import { Core } from './core.js';
import { EventQueue } from './eventQueue.js';
import { closed, failed } from './failure.js';
import { h3 } from './h3Codes.js';
import { Listener, type FakeSettings, type Hello } from './listener.js';
import type { FakeNetwork } from './network.js';
import { Routing } from './routing.js';
import type { SessionEnd } from './session.js';
import { FakeTun } from './tun.js';
import { parseUdpAddress } from './udpAddress.js';

export interface FakeEngineOptions extends EngineOptions {
  readonly network: FakeNetwork;
  /** IPv4 address of the machine that a connector sends from; default 127.0.0.1. */
  readonly host?: string;
  /** Largest inner packet of a session, bytes; default 1400. */
  readonly tunnelMtu?: number;
  /** Waiting events above which new requests are refused with 503; default 1024. */
  readonly eventQueueLimit?: number;
  /** What the listener's SETTINGS say; both true by default. */
  readonly settings?: FakeSettings;
}

const done: EngineResult<void> = { ok: true, value: undefined };

/** An engine in memory that behaves as the real one does, for tests of everything above it. */
export class FakeEngine implements Engine {
  /** The kernel's side of the TUN. */
  readonly tun: FakeTun;
  readonly #core: Core;
  readonly #host: string;
  readonly #settings: FakeSettings;
  readonly #membership: Disposable;
  readonly #connections = new Map<ConnectionId, ConnectionEnd>();
  #listening: { readonly listener: Listener; readonly address: string; readonly binding: Disposable } | null =
    null;

  constructor(options: FakeEngineOptions) {
    const { network } = options;
    const events = new EventQueue(options.eventQueueLimit ?? 1024, options.onEvents);
    this.#core = new Core(network, events, options.tunnelMtu ?? 1400, (packet) => this.#writeTun(packet));
    this.#host = options.host ?? '127.0.0.1';
    this.#settings = options.settings ?? { extendedConnect: true, datagrams: true };
    this.tun = new FakeTun(
      (packet) => this.#readTun(packet),
      (error) => {
        this.#core.counters.totals.set('tunOpen', 0);
        this.#core.counters.totals.add('tunErrors');
        this.#core.emit({ type: 'tunLost', error });
      },
    );
    this.#membership = network.join({
      addresses: () => this.addresses,
      kill: () => this.kill(),
      get idle() {
        return events.idle;
      },
    });
  }

  /** UDP addresses in use: the listener's and those of the connectors. */
  get addresses(): readonly string[] {
    const connectors = [...this.#connections.values()].map(({ localAddress }) => localAddress);
    return this.#listening === null ? connectors : [this.#listening.address, ...connectors];
  }

  /** The process dies: peers hear nothing, no event follows, the listener's address is free again. */
  kill(): void {
    this.#core.killedAtMs = this.#core.clock.now();
    this.#stop();
  }

  /** The path's MTU changed: `mtuChanged` for each open session; those with IPv6 end after 10 s below 1280 (CIP-1205). */
  setTunnelMtu(tunnelMtu: number): void {
    this.#core.tunnelMtu = tunnelMtu;
    for (const session of [...this.#sessions()]) session.setTunnelMtu(tunnelMtu);
  }

  /** Client: the connection goes on from another UDP address. */
  migrate(connectionId: ConnectionId, localAddress: string): void {
    this.#connections.get(connectionId)?.migrate(localAddress);
  }

  /** Counts something that a test cannot provoke: a handshake that timed out, a UDP error. */
  count(column: TotalColumn, amount = 1): void {
    this.#core.counters.totals.add(column, amount);
  }

  /** Ends a connection at this end with any cause, `peerReset` or `engineFault` say; the peer hears nothing. */
  breakConnection(
    connectionId: ConnectionId,
    cause: ConnectionCloseCause,
    code: number | null = null,
    reason = '',
  ): void {
    this.#connection(connectionId)?.end(cause, code, reason);
  }

  /** Ends a session at this end with any cause, and resets it for the peer. */
  breakSession(sessionId: SessionId, cause: SessionCloseCause, code: number): void {
    this.#session(sessionId)?.abort(code, cause);
  }

  openTun(options: TunOptions): EngineResult<TunInfo> {
    if (this.#core.stopped) return closed();
    const opened = this.tun.open(options);
    if (opened.ok) this.#core.counters.totals.set('tunOpen', 1);
    return opened;
  }

  closeTun(): void {
    this.tun.close();
    this.#core.counters.totals.set('tunOpen', 0);
  }

  listen(options: ListenerOptions): EngineResult<{ readonly address: string }> {
    if (this.#core.stopped) return closed();
    if (this.#listening !== null) return failed('ENGINE_INVALID_ARGUMENT', 'there is a listener already');
    const address = parseUdpAddress(options.address);
    if (address === null) return failed('ENGINE_INVALID_ARGUMENT', `no UDP address: ${options.address}`);
    const transport = judgeTransport(options.transport);
    if (!transport.ok) return transport;
    const listener = Listener.create(this.#core, options, this.#settings);
    if (!listener.ok) return listener;
    const binding = this.#core.network.bind<Hello>(address, (dial) => listener.value.receive(dial));
    if (binding === null) return failed('ENGINE_ADDRESS_IN_USE', `${options.address} is taken`);
    this.#listening = { listener: listener.value, address: binding.address, binding };
    return { ok: true, value: { address: binding.address } };
  }

  setCertificate(certificate: Certificate): EngineResult<void> {
    if (this.#core.stopped) return closed();
    return this.#listening?.listener.setCertificate(certificate) ?? notListening();
  }

  setClientTrust(trust: ClientTrust): EngineResult<void> {
    if (this.#core.stopped) return closed();
    return this.#listening?.listener.setClientTrust(trust) ?? notListening();
  }

  stopListening(): void {
    if (this.#listening !== null) this.#listening.listener.listening = false;
  }

  connect(options: ConnectorOptions): EngineResult<{ readonly connectionId: ConnectionId }> {
    if (this.#core.stopped) return closed();
    const connection = dial(this.#core, this.#host, options, {
      onConnected: ({ id: connectionId, localAddress, remoteAddress }, settings) =>
        this.#core.emit({ type: 'connected', connectionId, localAddress, remoteAddress, ...settings }),
      onEnded: ({ id }) => this.#connections.delete(id),
    });
    if (!connection.ok) return connection;
    this.#connections.set(connection.value.id, connection.value);
    return { ok: true, value: { connectionId: connection.value.id } };
  }

  request(connectionId: ConnectionId, headers: readonly HeaderField[]): SessionId {
    const session = this.#connections.get(connectionId)?.request(headers);
    if (session !== undefined) return session;
    const sessionId = this.#core.nextSessionId();
    this.#core.emit({
      type: 'sessionClosed',
      connectionId,
      sessionId,
      cause: 'connectionClosed',
      code: null,
    });
    return sessionId;
  }

  accept(
    sessionId: SessionId,
    headers: readonly HeaderField[],
    forwarding: Forwarding,
    capsules: readonly Capsule[],
  ): EngineResult<void> {
    if (this.#core.stopped) return closed();
    const routing = this.#compile(sessionId, forwarding);
    if (!routing.ok) return routing;
    const session = this.#session(sessionId);
    if (session === null) return done;
    if (session.state === 'open') return failed('ENGINE_INVALID_ARGUMENT', 'the session is open already');
    session.accept(headers, routing.value, capsules);
    return done;
  }

  refuse(sessionId: SessionId, status: number, headers: readonly HeaderField[], code: number | null): void {
    this.#session(sessionId)?.refuse(status, headers, code);
  }

  update(sessionId: SessionId, forwarding: Forwarding): EngineResult<void> {
    if (this.#core.stopped) return closed();
    const routing = this.#compile(sessionId, forwarding);
    if (!routing.ok) return routing;
    this.#session(sessionId)?.update(routing.value);
    return done;
  }

  setRules(id: number, rules: RuleSet): EngineResult<void> {
    return this.#core.stopped ? closed() : this.#core.access.setRules(id, rules);
  }

  dropRules(id: number): void {
    this.#core.access.dropRules(id);
  }

  setMeter(id: number, meter: MeterOptions): EngineResult<void> {
    return this.#core.stopped ? closed() : this.#core.access.setMeter(id, meter);
  }

  dropMeter(id: number): void {
    this.#core.access.dropMeter(id);
  }

  sendCapsules(sessionId: SessionId, capsules: readonly Capsule[]): void {
    this.#session(sessionId)?.sendCapsules(capsules);
  }

  finish(sessionId: SessionId): void {
    this.#session(sessionId)?.finish();
  }

  abort(sessionId: SessionId, code: number): void {
    this.#session(sessionId)?.abort(code);
  }

  closeConnection(connectionId: ConnectionId, code: number, reason: string): void {
    this.#connection(connectionId)?.close('localClosed', code, reason);
  }

  snapshot(into: Snapshot): void {
    this.#core.counters.fill(into);
  }

  releaseSession(sessionId: SessionId): void {
    this.#core.counters.releaseSession(sessionId, this.#session(sessionId) === null);
  }

  releaseConnection(connectionId: ConnectionId): void {
    this.#core.counters.releaseConnection(connectionId, this.#connection(connectionId) === null);
  }

  async close(): Promise<void> {
    if (this.#core.stopped) return;
    const connections = [...this.#allConnections()];
    this.#stop();
    for (const connection of connections) connection.close('localClosed', h3.noError, 'the engine closes');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #compile(sessionId: SessionId, forwarding: Forwarding): EngineResult<Routing> {
    const routing = Routing.compile(forwarding);
    if (!routing.ok) return routing;
    const { access } = routing.value;
    const checked = access === null ? done : this.#core.access.check(access);
    if (!checked.ok) return checked;
    const others = [...this.#sessions()].filter(({ id }) => id !== sessionId);
    return others.some((other) => other.routing?.conflictsWith(routing.value) === true)
      ? failed('ENGINE_INVALID_ARGUMENT', "a prefix is another session's")
      : routing;
  }

  #readTun(packet: Uint8Array): void {
    this.#core.counters.totals.add('tunReads');
    this.#core.router.outbound(packet);
  }

  #writeTun(packet: Uint8Array): boolean {
    const written = this.tun.write(packet);
    if (written) this.#core.counters.totals.add('tunWrites');
    return written;
  }

  #stop(): void {
    this.#core.stopped = true;
    this.#core.events.close();
    for (const connection of this.#allConnections()) connection.stopTimers();
    this.#listening?.binding[Symbol.dispose]();
    this.tun.close();
    this.#membership[Symbol.dispose]();
  }

  *#allConnections(): Iterable<ConnectionEnd> {
    yield* this.#connections.values();
    yield* this.#listening?.listener.connections ?? [];
  }

  *#sessions(): Iterable<SessionEnd> {
    for (const connection of this.#allConnections()) yield* connection.sessions.values();
  }

  #connection(id: ConnectionId): ConnectionEnd | null {
    if (this.#core.stopped) return null;
    for (const connection of this.#allConnections()) if (connection.id === id) return connection;
    return null;
  }

  #session(id: SessionId): SessionEnd | null {
    if (this.#core.stopped) return null;
    for (const { sessions } of this.#allConnections()) {
      const session = sessions.get(id);
      if (session !== undefined) return session;
    }
    return null;
  }
}

function notListening(): EngineResult<never> {
  return failed('ENGINE_INVALID_ARGUMENT', 'there is no listener');
}
