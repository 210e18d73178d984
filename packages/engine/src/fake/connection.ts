import type {
  ConnectionCloseCause,
  ConnectionId,
  HeaderField,
  PeerLimits,
  SessionId,
  TransportOptions,
} from '../engine.js';
import { congestionModes } from '../snapshot.js';
import { cancelTimer, type Timer } from './clock.js';
import type { Core } from './core.js';
import { countStream, type ConnectionRow } from './counters.js';
import { h3 } from './h3Codes.js';
import { isWellFormed } from './requestForm.js';
import { SessionEnd, type SessionOwner } from './session.js';
import type { Chain } from './trust.js';

/** What the two ends of a connection differ in. */
export interface ConnectionOptions {
  readonly role: 'server' | 'client';
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly transport: TransportOptions;
  readonly peerLimits: PeerLimits;
  /** Server: the client's certificate. */
  readonly clientChain: Chain | null;
  /** Server: closes a connection without an open session; null never does. */
  readonly unauthenticatedMs: number | null;
  /** Server: false once new requests are turned away (GOAWAY). */
  readonly takesRequests: () => boolean;
  readonly onEnded: (connection: ConnectionEnd) => void;
}

/** One end of a QUIC connection. */
export class ConnectionEnd implements SessionOwner {
  readonly id: ConnectionId;
  readonly sessions = new Map<SessionId, SessionEnd>();
  localAddress: string;
  remoteAddress: string;
  state: 'handshaking' | 'established' | 'ended' = 'handshaking';
  /** Whether TypeScript knows of it: always on the client, from the first request on the server. */
  seen: boolean;
  peer: ConnectionEnd | null = null;
  readonly #core: Core;
  readonly #options: ConnectionOptions;
  readonly #row: ConnectionRow;
  #idleTimeoutMs: number;
  #lastHeardMs: number;
  #idleTimer: Timer | null = null;
  #unauthenticatedTimer: Timer | null = null;
  #openSessions = 0;

  constructor(core: Core, options: ConnectionOptions) {
    this.id = core.nextConnectionId();
    this.localAddress = options.localAddress;
    this.remoteAddress = options.remoteAddress;
    this.seen = options.role === 'client';
    this.#core = core;
    this.#options = options;
    this.#row = core.counters.addConnection(this.id);
    this.#idleTimeoutMs = options.transport.idleTimeoutMs;
    this.#lastHeardMs = core.clock.now();
    this.#armIdleTimer(this.#idleTimeoutMs);
  }

  get peerLimits(): PeerLimits {
    return this.#options.peerLimits;
  }

  /** The handshake is done. */
  establish(peer: ConnectionEnd): void {
    this.peer = peer;
    this.state = 'established';
    this.#idleTimeoutMs = Math.min(this.#idleTimeoutMs, peer.#options.transport.idleTimeoutMs);
    this.#core.counters.totals.add('connections');
    this.#row.set('open', 1);
    this.#row.set('rttMicroseconds', 1000);
    this.#row.set('congestionWindowBytes', 65_536);
    const { congestionControl } = this.#options.transport;
    const mode = congestionControl === 'adaptive' ? 'startup' : congestionControl;
    this.#row.set('congestionMode', 1 + congestionModes.indexOf(mode));
    this.#row.set('pathMtu', 1452);
    // Both control streams.
    this.#row.set('unidirectionalStreams', 2);
    this.#heard();
    this.#armIdleTimer(this.#idleTimeoutMs);
    this.#armUnauthenticatedTimer();
  }

  request(headers: readonly HeaderField[]): SessionId {
    const session = new SessionEnd(this.#core, this);
    if (this.state !== 'established') {
      session.end('connectionClosed', null);
      return session.id;
    }
    const allowed = this.peer?.peerLimits.requestsPerConnection ?? 0;
    if (this.sessions.size >= allowed || !isWellFormed(headers)) {
      session.end('localAborted', null);
      return session.id;
    }
    this.#add(session);
    this.transmit(true, () => this.peer?.receiveRequest(session, headers));
    return session.id;
  }

  receiveRequest(client: SessionEnd, headers: readonly HeaderField[]): void {
    const { counters, events } = this.#core;
    if (!this.#options.takesRequests()) {
      this.transmit(true, () => client.receiveReset(h3.requestRejected));
    } else if (!events.hasRoom) {
      counters.totals.add('requestsOverflowed');
      this.transmit(true, () => client.receiveResponse(503, []));
      this.transmit(true, () => client.receiveFinish());
    } else {
      this.#admit(client, headers);
    }
  }

  /** Tells the peer and ends. */
  close(cause: ConnectionCloseCause, code: number, reason: string): void {
    this.transmit(true, () => this.peer?.end('peerClosed', code, reason));
    this.end(cause, code, reason);
  }

  /** Ends this end only. Sessions first: the connection's own event is its last. */
  end(cause: ConnectionCloseCause, code: number | null, reason: string): void {
    if (this.state === 'ended' || this.#core.stopped) return;
    if (this.state === 'established') this.#core.counters.totals.add('connections', -1);
    this.state = 'ended';
    this.#row.set('open', 0);
    this.stopTimers();
    for (const session of [...this.sessions.values()]) session.end('connectionClosed', null);
    if (this.seen) this.#core.emit({ type: 'connectionClosed', connectionId: this.id, cause, code, reason });
    else this.#core.counters.releaseConnection(this.id, true);
    this.#options.onEnded(this);
  }

  stopTimers(): void {
    for (const timer of [this.#idleTimer, this.#unauthenticatedTimer]) if (timer !== null) cancelTimer(timer);
    this.#idleTimer = null;
    this.#unauthenticatedTimer = null;
  }

  /** The client moves to another address; the server's `pathChanged` follows (CIP-1308). */
  migrate(localAddress: string): void {
    this.localAddress = localAddress;
    this.transmit(true, () => {
      const { peer } = this;
      if (peer === null || !peer.#listens) return;
      peer.remoteAddress = localAddress;
      if (peer.seen)
        peer.#core.emit({ type: 'pathChanged', connectionId: peer.id, remoteAddress: localAddress });
    });
  }

  transmit(reliable: boolean, deliver: () => void): void {
    const bytes = 1200;
    this.#row.add('packetsSent');
    this.#row.add('udpBytesSent', bytes);
    this.#core.network.send(this.localAddress, this.remoteAddress, reliable, () => {
      const { peer } = this;
      if (peer === null || !peer.#listens) return;
      peer.#row.add('udpBytesReceived', bytes);
      peer.#heard();
      deliver();
    });
  }

  sessionOpened(): void {
    this.#openSessions += 1;
    if (this.#unauthenticatedTimer !== null) cancelTimer(this.#unauthenticatedTimer);
    this.#unauthenticatedTimer = null;
  }

  sessionEnded(session: SessionEnd): void {
    if (!this.sessions.delete(session.id)) return;
    countStream(this.#row, this.#core.clock.now() - session.startedAtMs);
    if (session.wasOpen) this.#openSessions -= 1;
    this.#armUnauthenticatedTimer();
  }

  get #listens(): boolean {
    return this.state === 'established' && !this.#core.stopped;
  }

  #admit(client: SessionEnd, headers: readonly HeaderField[]): void {
    const session = new SessionEnd(this.#core, this);
    session.peer = client;
    client.peer = session;
    this.seen = true;
    this.#add(session);
    const { clientChain } = this.#options;
    this.#core.emit({
      type: 'request',
      connectionId: this.id,
      sessionId: session.id,
      headers,
      leafCertificate: clientChain === null ? null : new Uint8Array(clientChain.leaf.raw),
      leafSha256: clientChain?.leafSha256 ?? null,
      remoteAddress: this.remoteAddress,
      receivedAtMs: this.#core.clock.now(),
    });
  }

  #add(session: SessionEnd): void {
    this.sessions.set(session.id, session);
    this.#row.add('bidirectionalStreams');
  }

  #heard(): void {
    this.#lastHeardMs = this.#core.clock.now();
  }

  #armUnauthenticatedTimer(): void {
    const { unauthenticatedMs } = this.#options;
    if (unauthenticatedMs === null || !this.#listens || this.#openSessions > 0) return;
    this.#unauthenticatedTimer ??= this.#core.clock.after(unauthenticatedMs, () => {
      this.#unauthenticatedTimer = null;
      this.close('unauthenticatedTimeout', h3.noError, 'no session was accepted in time');
    });
  }

  #armIdleTimer(delayMs: number): void {
    if (this.#idleTimer !== null) cancelTimer(this.#idleTimer);
    this.#idleTimer = this.#core.clock.after(delayMs, () => this.#checkIdle());
  }

  #checkIdle(): void {
    if (this.state === 'handshaking') {
      this.end('unreachable', null, 'no answer');
      return;
    }
    const nowMs = this.#core.clock.now();
    const silentSinceMs = this.#silentSince();
    // As long as the path is whole, keep-alives are heard all the time.
    const heardMs = this.#keptAlive ? Math.max(this.#lastHeardMs, silentSinceMs ?? nowMs) : this.#lastHeardMs;
    const remainingMs = heardMs + this.#idleTimeoutMs - nowMs;
    if (remainingMs > 0) this.#armIdleTimer(remainingMs);
    else this.end('idleTimeout', null, 'the peer fell silent');
  }

  get #keptAlive(): boolean {
    const ends: readonly (ConnectionEnd | null)[] = [this, this.peer];
    return ends.some((end) => end !== null && end.#options.transport.keepAliveMs !== null);
  }

  /** Since when nothing can come from the peer; null if it could. */
  #silentSince(): number | null {
    const { peer } = this;
    const cutMs = this.#core.network.cutSince(this.remoteAddress, this.localAddress);
    if (peer === null || peer.#listens) return cutMs;
    return Math.min(cutMs ?? Infinity, peer.#core.killedAtMs ?? peer.#lastHeardMs);
  }
}
