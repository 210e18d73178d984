import type {
  Certificate,
  ClientTrust,
  ConnectorOptions,
  ListenerOptions,
  TunInfo,
  TunOptions,
} from './endpoint.js';
import type { EngineEvent } from './events.js';
import type { EngineResult } from './failure.js';
import type { Forwarding } from './forwarding.js';
import type { Capsule, ConnectionId, HeaderField, SessionId } from './ids.js';
import type { Offload } from './offloads.js';
import type { MeterOptions, RuleSet } from './rules.js';
import type { Snapshot } from './snapshot.js';

export * from './endpoint.js';
export * from './events.js';
export * from './failure.js';
export * from './forwarding.js';
export * from './ids.js';
export * from './offloads.js';
export * from './rules.js';

/**
 * The border between TypeScript, which decides, and the engine, which moves packets.
 *
 * listener or connector → connection (QUIC) → session (one CONNECT-IP request).
 * A session id exists from the moment its request is seen or sent; it is open once accepted.
 * Commands are asynchronous and ordered: a command on something that has ended is ignored (a fallible
 * one succeeds), its `sessionClosed` or `connectionClosed` event is already on the way.
 *
 * Order of events: the first of a session are `request` (server) or `response` (client), then, once it
 * is open, `mtuChanged`, then `capsules`; `sessionClosed` is its last. `connectionClosed` is the last of
 * a connection, after the `sessionClosed` of each of its sessions. A listener reports only connections
 * that made a request; what ended before is a counter, and leaves no row in the snapshot.
 */
export interface Engine extends AsyncDisposable {
  /** Opens the one TUN of this engine. */
  openTun(options: TunOptions): EngineResult<TunInfo>;
  /** Closes the TUN; sessions stay, their packets are dropped as `noTun`. */
  closeTun(): void;

  /** Opens the one listener of this engine; returns the bound UDP address. */
  listen(options: ListenerOptions): EngineResult<{ readonly address: string }>;
  /** Handshakes from now on use it; established connections keep theirs. */
  setCertificate(certificate: Certificate): EngineResult<void>;
  setClientTrust(trust: ClientTrust): EngineResult<void>;
  /** No new connections or requests (GOAWAY); open tunnels continue (CIP-118). */
  stopListening(): void;

  /** Starts a connection; `connected` or `connectionClosed` follows. */
  connect(options: ConnectorOptions): EngineResult<{ readonly connectionId: ConnectionId }>;
  /**
   * Sends an extended CONNECT request; only after `connected` with `extendedConnect`. `response` or
   * `sessionClosed` follows; the latter with `localAborted` and no code for a request that cannot be sent
   * (malformed, the peer takes no more, after its GOAWAY), with `peerReset` if the peer turned it away.
   */
  request(connectionId: ConnectionId, headers: readonly HeaderField[]): SessionId;

  /** Forwarding first, then the 200, then the capsules (design: atomic). `headers` exclude `:status`. */
  accept(
    sessionId: SessionId,
    headers: readonly HeaderField[],
    forwarding: Forwarding,
    capsules: readonly Capsule[],
  ): EngineResult<void>;
  /** Answers with a final non-2xx status and ends the stream. `code` other than null resets with it, and the response may be lost (MALF: 0x10e). */
  refuse(sessionId: SessionId, status: number, headers: readonly HeaderField[], code: number | null): void;
  /** Replaces forwarding atomically: no packet sees half of it. Also how a client attaches its own. */
  update(sessionId: SessionId, forwarding: Forwarding): EngineResult<void>;
  /** Defines or replaces a rule set; flows that exist are judged again with their next packet. */
  setRules(id: number, rules: RuleSet): EngineResult<void>;
  dropRules(id: number): void;
  /** Defines or changes a meter; all sessions that name it share it. */
  setMeter(id: number, meter: MeterOptions): EngineResult<void>;
  dropMeter(id: number): void;
  sendCapsules(sessionId: SessionId, capsules: readonly Capsule[]): void;
  /** Orderly end: FIN on a capsule boundary (CIP-1304). */
  finish(sessionId: SessionId): void;
  /** RESET_STREAM and STOP_SENDING with an HTTP/3 error code. */
  abort(sessionId: SessionId, code: number): void;
  closeConnection(connectionId: ConnectionId, code: number, reason: string): void;

  /** Fills `into` (grown as needed) with counters; see `snapshot.ts` for the columns. */
  snapshot(into: Snapshot): void;
  /** Forgets the final row of a closed session. */
  releaseSession(sessionId: SessionId): void;
  releaseConnection(connectionId: ConnectionId): void;

  /** Closes everything: CONNECTION_CLOSE to all peers, sockets, TUN, threads. No event follows. */
  close(): Promise<void>;
}

/** How an engine is made: real (`openEngine`) or fake (`./fake`). */
export interface EngineOptions {
  /** Called with events in order, never re-entrantly. */
  readonly onEvents: (events: readonly EngineEvent[]) => void;
  /** Offloads to do without although the host has them; default: none. */
  readonly without?: readonly Offload[];
  /**
   * Threads that share the connections of a listener, 1–64; default: 1. A connection is one worker's for all
   * its life, so an engine that only connects has no use for more.
   */
  readonly workers?: number;
}

/** The most workers that an engine may have. */
export const mostWorkers = 64;
