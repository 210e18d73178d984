import type { EngineError } from './failure.js';
import type { Capsule, ConnectionId, HeaderField, SessionId } from './ids.js';
import type { FlowSample } from './rules.js';

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
