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

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A QUIC connection; a safe integer, never reused within one engine. */
export type ConnectionId = Brand<number, 'ConnectionId'>;
/** One CONNECT-IP request and, once accepted, its tunnel; a safe integer, never reused within one engine. */
export type SessionId = Brand<number, 'SessionId'>;

/** Name and value as received, in order; each byte is one UTF-16 code unit (latin1). */
export type HeaderField = readonly [name: string, value: string];

/** A capsule other than DATAGRAM (RFC 9297 §3.2). `type` is a 62-bit varint. */
export interface Capsule {
  readonly type: bigint;
  readonly value: Uint8Array;
}

/** Stable codes of engine failures; `docs/errors.md` explains each. */
export const engineErrorCodes = [
  'ENGINE_MISSING',
  'ENGINE_CLOSED',
  'ENGINE_INVALID_ARGUMENT',
  'ENGINE_INVALID_CERTIFICATE',
  'ENGINE_ADDRESS_IN_USE',
  'ENGINE_ADDRESS_UNAVAILABLE',
  'ENGINE_PERMISSION_DENIED',
  'ENGINE_TUN_MISSING',
  'ENGINE_TUN_BUSY',
  'ENGINE_RESOURCE_EXHAUSTED',
  'ENGINE_IO',
] as const;
export type EngineErrorCode = (typeof engineErrorCodes)[number];

/** An expected failure as data; `message` is for people and never matched. */
export interface EngineError {
  readonly code: EngineErrorCode;
  readonly message: string;
}

/** Success or an expected failure. */
export type EngineResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: EngineError };

/** Opens a TUN interface by name (needs CAP_NET_ADMIN). Addresses and routes are the caller's business. */
export interface TunOptions {
  /** Interface name, 1–15 bytes. */
  readonly name: string;
  /** Bytes of the largest inner packet. */
  readonly mtu: number;
  /** Ask the kernel for TSO/USO super-packets; falls back by itself. */
  readonly offload: boolean;
  /**
   * Stop reading the TUN while a session's queue is full instead of dropping:
   * right for a client with one session, wrong for a server.
   */
  readonly backpressure: boolean;
}

export interface TunInfo {
  readonly name: string;
  /** Interface index. */
  readonly index: number;
  readonly offloads: { readonly vnetHeader: boolean; readonly tcp: boolean; readonly udp: boolean };
}

/** A certificate chain, leaf first, and its key, as PEM text in memory. */
export interface Certificate {
  readonly chainPem: string;
  readonly keyPem: string;
}

/** Whom TLS lets in. A chain that does not lead to `anchorsPem` passes only if its leaf is listed. */
export interface ClientTrust {
  readonly anchorsPem: string;
  /** SHA-256 of leaf certificates (DER), lower-case hex. */
  readonly leafSha256: readonly string[];
}

export interface TransportOptions {
  /** QUIC idle timeout in milliseconds, 1,000–600,000 (RFC 9000 §10.1). */
  readonly idleTimeoutMs: number;
  /** PING interval in milliseconds; null sends none. */
  readonly keepAliveMs: number | null;
  /** What limits the sending rate: `adaptive` is the engine's own and leaves others their share. */
  readonly congestionControl: 'adaptive' | 'bbr' | 'cubic';
}

/** Bounds on what one peer can make the engine hold (CIP-608, CIP-610, CIP-1604). */
export interface PeerLimits {
  /** Concurrent requests of one connection. */
  readonly requestsPerConnection: number;
  /** Largest control capsule, bytes of value. */
  readonly capsuleBytes: number;
  readonly capsulesPerSecond: number;
  readonly capsuleBurst: number;
}

export interface ListenerOptions {
  /** UDP address, `192.0.2.1:443` or `[::]:443`; `[::]` takes IPv4 too. Port 0 picks one. */
  readonly address: string;
  readonly certificate: Certificate;
  readonly clientTrust: ClientTrust;
  readonly transport: TransportOptions;
  readonly peerLimits: PeerLimits;
  readonly maxConnections: number;
  /** Half-open handshakes above which address validation by Retry is demanded (RFC 9000 §8.1.2). */
  readonly retryAboveHandshakes: number;
  /** A connection without an accepted session is closed after this time (CIP-1604). */
  readonly unauthenticatedMs: number;
}

export interface ConnectorOptions {
  /** UDP address of the server. */
  readonly remoteAddress: string;
  /** Name to verify in the server's certificate: DNS name or IP address (CIP-102). */
  readonly serverName: string;
  /** Trust anchors for the server's certificate. */
  readonly anchorsPem: string;
  readonly certificate: Certificate | null;
  readonly transport: TransportOptions;
  readonly peerLimits: PeerLimits;
  /** SO_MARK of the tunnel's own packets, so that routing can keep them out of the tunnel; null sets none. */
  readonly mark: number | null;
}

/** An inclusive address range with one IP protocol; 0 is all protocols (RFC 9484 §4.7.3). */
export interface RouteRange {
  readonly start: string;
  readonly end: string;
  readonly protocol: number;
}

/** Who sent a flow's first packet: the session's peer, or somebody else towards it. */
export type FlowOpener = 'byPeer' | 'towardsPeer';

/**
 * The other side of a flow. `any` and `prefixes` mean hosts outside and our own tunnel addresses, never
 * another session or a place where one could live; those are matched by the labels that they carry only.
 */
export type RemoteMatch =
  | { readonly kind: 'any' }
  | { readonly kind: 'prefixes'; readonly prefixes: readonly string[] }
  | { readonly kind: 'labels'; readonly labels: readonly number[] };

/** One line of a rule set; it speaks about the first packet of a flow, all others follow. */
export interface AccessRule {
  /** Named by flow samples; an integer from 0 to 2^32 − 1, as are labels. */
  readonly id: number;
  readonly action: 'allow' | 'deny';
  readonly opened: FlowOpener;
  /** `byPeer`: where to. `towardsPeer`: where from. */
  readonly remote: RemoteMatch;
  /** IP protocol number; 0 is all. ICMP is 1 on IPv4 and 58 on IPv6. */
  readonly protocol: number;
  /** Inclusive ranges of destination ports; empty is all, also of protocols without ports. */
  readonly ports: readonly (readonly [first: number, last: number])[];
}

/** The first rule that matches decides; a flow that none matches is denied. */
export interface RuleSet {
  readonly rules: readonly AccessRule[];
}

/** A token bucket of inner bytes; what exceeds it is dropped as `rateLimited`. */
export interface MeterOptions {
  /** 1 to 2^53 − 1. */
  readonly bytesPerSecond: number;
  /**
   * At least the largest packet, or that will never pass. TCP needs 250 ms of the rate and 256 kB, else it stays
   * below the rate, down to a tenth of it (measured; see docs/architecture.md).
   */
  readonly burstBytes: number;
}

/** What a session's traffic is judged by. */
export interface Access {
  /** A rule set; must have been set. If it is dropped, everything is denied until it is set again. */
  readonly rules: number;
  /** What other sessions' rules know this one by. */
  readonly labels: readonly number[];
  /** Meters that each packet has to pass, all of them; must have been set. One that is dropped lets everything pass. */
  readonly meters: { readonly fromPeer: readonly number[]; readonly toPeer: readonly number[] };
}

/** A flow's first packet and what became of it. */
export interface FlowSample {
  readonly sessionId: SessionId;
  readonly verdict: 'allowed' | 'refused';
  /** The rule that decided; null if none matched. */
  readonly ruleId: number | null;
  readonly opened: FlowOpener;
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  /** Null where the protocol has no ports. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}

/** What the engine needs to forward for one session; applied as one. */
export interface Forwarding {
  /**
   * `proxy`: the peer sends from `assigned` and may reach `routes`.
   * `client`: we send from `assigned` and may reach `routes` through the peer.
   */
  readonly role: 'proxy' | 'client';
  /** Prefixes, `10.0.0.2/32`, `2001:db8::2/128`; host bits are zero. */
  readonly assigned: readonly string[];
  readonly routes: readonly RouteRange[];
  /**
   * `proxy`: prefixes in which other clients live. The session reaches nothing there but our own tunnel
   * addresses, whether somebody has the address or not (CIP-1016).
   */
  readonly peers: readonly string[];
  /**
   * Prefixes behind the tunnel's client end, site to site: as `assigned`, but one that another session has is
   * refused with ENGINE_INVALID_ARGUMENT. Of nested prefixes the longest gets the packet. Default: none.
   */
  readonly behind?: readonly string[];
  /**
   * `proxy`: judges each flow, and lets sessions reach each other where the rules of both say so, by label.
   * Null or absent: no judging, and no session reaches another.
   */
  readonly access?: Access | null;
  /** Own tunnel addresses: the source of ICMP errors (CIP-1106). Null where the family is not used. */
  readonly ownIpv4: string | null;
  readonly ownIpv6: string | null;
}

/** Why a session ended; `docs/errors.md` explains each. */
export const sessionCloseCauses = [
  /** The peer closed its side on a capsule boundary. */
  'peerFinished',
  /** RESET_STREAM or STOP_SENDING from the peer; `code` is theirs. */
  'peerReset',
  /** The engine refused the request before anybody saw it, or the peer broke framing; `code` is ours. */
  'peerMalformed',
  /** The peer exceeded a limit; `code` is H3_EXCESSIVE_LOAD. */
  'peerExcessive',
  /** `finish`, `refuse` without a code. */
  'localFinished',
  /** `abort`, `refuse` with a code, or a request that could not be sent. */
  'localAborted',
  /** The path cannot carry 1280 bytes for IPv6 (CIP-1205). */
  'mtuTooSmall',
  /** Its connection ended first; see the connection's cause. */
  'connectionClosed',
  /** A panic in the engine, caught. */
  'engineFault',
] as const;
export type SessionCloseCause = (typeof sessionCloseCauses)[number];

/** Why a connection ended; `docs/errors.md` explains each. */
export const connectionCloseCauses = [
  'peerClosed',
  'localClosed',
  'idleTimeout',
  /** The peer answered with a stateless reset: it restarted. */
  'peerReset',
  'protocolError',
  /** TLS: the peer sent an alert, for instance about our certificate; `code` is 0x0100 plus the alert. */
  'tlsRefused',
  /** TLS: we refused the peer, normally its certificate or the name in it (CIP-102). */
  'peerUntrusted',
  /** The handshake never completed (client). */
  'unreachable',
  'unauthenticatedTimeout',
  'engineFault',
] as const;
export type ConnectionCloseCause = (typeof connectionCloseCauses)[number];

export type EngineEvent =
  /** Client only: handshake done and the server's SETTINGS arrived (CIP-109). */
  | {
      readonly type: 'connected';
      readonly connectionId: ConnectionId;
      readonly localAddress: string;
      readonly remoteAddress: string;
      readonly extendedConnect: boolean;
      readonly datagrams: boolean;
    }
  /** Server only: a well-formed request. Answer with `accept`, `refuse` or `abort`. */
  | {
      readonly type: 'request';
      readonly connectionId: ConnectionId;
      readonly sessionId: SessionId;
      readonly headers: readonly HeaderField[];
      /** DER; null when the client presented none. */
      readonly leafCertificate: Uint8Array | null;
      /** Lower-case hex of the leaf's SHA-256. */
      readonly leafSha256: string | null;
      readonly remoteAddress: string;
      /** When the request's HEADERS were complete: milliseconds since the Unix epoch, with a fraction. */
      readonly receivedAtMs: number;
    }
  /** Client only: the final response. With 2xx the session is open (CIP-315). */
  | {
      readonly type: 'response';
      readonly connectionId: ConnectionId;
      readonly sessionId: SessionId;
      readonly status: number;
      readonly headers: readonly HeaderField[];
    }
  | {
      readonly type: 'capsules';
      readonly connectionId: ConnectionId;
      readonly sessionId: SessionId;
      readonly capsules: readonly Capsule[];
    }
  | { readonly type: 'pathChanged'; readonly connectionId: ConnectionId; readonly remoteAddress: string }
  /** The largest inner packet this session can carry now, bytes; sent first when the session opens. */
  | {
      readonly type: 'mtuChanged';
      readonly connectionId: ConnectionId;
      readonly sessionId: SessionId;
      readonly tunnelMtu: number;
    }
  | {
      readonly type: 'sessionClosed';
      readonly connectionId: ConnectionId;
      readonly sessionId: SessionId;
      readonly cause: SessionCloseCause;
      /** HTTP/3 error code, if one was involved. */
      readonly code: number | null;
    }
  | {
      readonly type: 'connectionClosed';
      readonly connectionId: ConnectionId;
      readonly cause: ConnectionCloseCause;
      /** Error code of CONNECTION_CLOSE, if there was one. */
      readonly code: number | null;
      readonly reason: string;
    }
  /** New flows of sessions with `access`: at most 50 allowed and 50 refused a second, few of one session. */
  | { readonly type: 'flows'; readonly flows: readonly FlowSample[] }
  /** The TUN failed and was closed (its interface was deleted, or I/O failed). */
  | { readonly type: 'tunLost'; readonly error: EngineError };

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
}

import type { Snapshot } from './snapshot.js';
