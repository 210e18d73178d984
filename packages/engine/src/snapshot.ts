import { offloads } from './offloads.js';

/**
 * Counters of the engine as rows of float64 (exact to 2^53), filled in one call.
 * The native side writes the same columns in the same order; the contract suite compares the lists.
 */

/** One row a session; stays, final, from its end until it is released. */
export const sessionColumns = [
  'sessionId',
  'connectionId',
  /** 1 from the request on, 0 once the session has ended. */
  'open',
  /** Inner IP packets and their bytes, as they enter (sent) and leave (received) QUIC, after checks. */
  'bytesSent',
  'bytesReceived',
  'packetsSent',
  'packetsReceived',
  /** Packets dropped on the way to the peer, and from it. */
  'dropsSending',
  'dropsReceiving',
  'queuedBytes',
  'queuedPackets',
  'tunnelMtu',
] as const;

/** Upper bounds of stream durations in seconds; the last bucket is unbounded. */
export const streamDurationBounds = [1, 5, 10, 30, 60, 300, 600, 1800, 3600] as const;

/** What a congestion controller does: the modes of `adaptive`, and the library's controllers, which tell no more. */
export const congestionModes = ['startup', 'alone', 'test', 'sharing', 'bbr', 'cubic'] as const;
export type CongestionMode = (typeof congestionModes)[number];

/** One row a connection; stays, final, from its end until it is released. */
export const connectionColumns = [
  'connectionId',
  'open',
  /** Smoothed round-trip time, microseconds. */
  'rttMicroseconds',
  'congestionWindowBytes',
  /** What the controller expects of the path, or paces by; 0 if it does not say. */
  'congestionRateBytesPerSecond',
  /** Place in `congestionModes`, from 1; 0: not known yet. */
  'congestionMode',
  /** Largest UDP payload that the path is known to carry. */
  'pathMtu',
  'packetsSent',
  'packetsLost',
  'udpBytesSent',
  'udpBytesReceived',
  /** Streams opened so far by either side. */
  'bidirectionalStreams',
  'unidirectionalStreams',
  /** Closed streams by duration, one column for each bound and one above; not cumulative. */
  ...streamDurationBounds.map((bound) => `streams<=${bound}s` as const),
  'streams>3600s',
  'streamSecondsTotal',
] as const;

/** Why a packet was dropped; the engine's enum, and the label of the detailed drop metric. */
export const dropReasons = [
  /** Not a well-formed IP packet (CIP-1001). */
  'malformed',
  /** Source is not assigned to the session it came from (CIP-1003, CIP-1004). */
  'spoofedSource',
  /** Destination lies outside the advertised routes, or nobody owns it (CIP-1005). */
  'noRoute',
  /** Destination is routed, but not for this IP protocol (CIP-810). */
  'protocolRefused',
  /** Destination belongs to another client (CIP-1016). */
  'peerToPeer',
  /** A rule refused the flow, or no rule allowed it. */
  'accessDenied',
  /** A meter was exceeded. */
  'rateLimited',
  /** The session has as many flows as it may have. */
  'flowTableFull',
  /** TTL or hop limit used up on the way from session to session (CIP-1010). */
  'ttlExpired',
  /** Link-local source or destination (CIP-1012). */
  'linkLocal',
  /** Multicast, broadcast, loopback, unspecified, reserved (CIP-1014). */
  'forbiddenAddress',
  /** Larger than the session can carry (CIP-1206). */
  'tooBig',
  /** The session's queue was full. */
  'queueFull',
  /** The packet waited longer than the queue's bound. */
  'queueExpired',
  /** The session ended while the packet waited. */
  'sessionEnded',
  /** HTTP Datagram for a stream that is not (or no longer, or not yet) a tunnel (CIP-504, CIP-506). */
  'noSession',
  /** Unknown context id (CIP-510). */
  'unknownContext',
  /** Missing or cut context id, or no payload (CIP-512). */
  'emptyDatagram',
  /** There is no TUN to write to. */
  'noTun',
  /** The kernel refused the write to the TUN. */
  'tunWriteFailed',
  /** The worker that it belonged to took too little of what others handed over. */
  'handoverFull',
] as const;
export type DropReason = (typeof dropReasons)[number];

/** Upper bounds of packet processing time in seconds; the last bucket is unbounded. */
export const processingBounds = [
  1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5,
  1,
] as const;

/** Outcomes of handshakes on the listener, counted before anybody knows who it was. */
export const handshakeOutcomes = [
  'completed',
  /** TLS failed because of the client's certificate. */
  'certificateRefused',
  /** The client did not accept the server's certificate; it need not have presented one itself. */
  'serverDistrusted',
  /** No common ALPN, version or cipher. */
  'incompatible',
  'timedOut',
  'otherFailure',
  /** Answered with Retry. */
  'retried',
  /** Turned away: too many connections, or not listening any more. */
  'refused',
] as const;

/** Why streams were aborted for the capsules on them. */
export const capsuleErrorCauses = [
  /** FIN inside a capsule (CIP-605). */
  'malformed',
  /** Above the size limit (CIP-608). */
  'tooLarge',
  /** Above the rate limit (CIP-610). */
  'flood',
] as const;

/** ICMP messages that the engine originates. */
export const icmpKinds = ['destinationUnreachable', 'timeExceeded', 'packetTooBig', 'echoReply'] as const;

/** Upper bounds of handshake time in seconds; the last bucket is unbounded. */
export const handshakeBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1] as const;

/** Totals of the engine. Inbound: from the tunnel's peer to the TUN; outbound: from the TUN to a peer. */
export const totalColumns = [
  /** Packets that arrived in HTTP Datagrams or DATAGRAM capsules. */
  'inboundReceived',
  /** Packets handed to the TUN, or to another session (then `outboundReceived` as well). */
  'inboundForwarded',
  /** Packets from the TUN or another session, segments of super-packets counted one by one. */
  'outboundReceived',
  /** Packets handed to QUIC. */
  'outboundForwarded',
  'outboundQueued',
  /** Received, but neither forwarded, dropped nor queued when each worker ended its last turn; not 0 is a bug. */
  'inboundUnaccounted',
  'outboundUnaccounted',
  ...dropReasons.map((reason) => `inboundDrops.${reason}` as const),
  ...dropReasons.map((reason) => `outboundDrops.${reason}` as const),
  'inboundProcessingSecondsTotal',
  ...processingBounds.map((bound) => `inboundProcessing<=${bound}s` as const),
  'inboundProcessing>1s',
  'outboundProcessingSecondsTotal',
  ...processingBounds.map((bound) => `outboundProcessing<=${bound}s` as const),
  'outboundProcessing>1s',
  ...handshakeOutcomes.map((outcome) => `handshakes.${outcome}` as const),
  /** Requests the engine itself answered with MALF before anybody saw them (CIP-302 to 304, 313). */
  'requestsMalformed',
  /** Requests refused with 503 because the event queue was full. */
  'requestsOverflowed',
  /** Peers that changed their UDP address. */
  'migrations',
  /** System calls on UDP sockets and the datagrams they carried: the quotient is the batch size. */
  'udpReceiveCalls',
  'udpDatagramsReceived',
  'udpSendCalls',
  'udpDatagramsSent',
  'tunReads',
  'tunWrites',
  'tunErrors',
  'udpErrors',
  'panics',
  /** What a worker gave to the one that it belongs to: datagrams, those of them that were lost, frames of the TUN, and packets from session to session. */
  'datagramsHandedOver',
  'datagramsHandoverLost',
  'framesHandedOver',
  'packetsHandedOver',
  /** Prefixes that the kernel could not be told the queue of (`offloads.tunSteering`): frames for them may be handed over. */
  'tunSteeringFailures',
  /** 1 while the TUN is open. */
  'tunOpen',
  /** 1 while in use. Before there is a socket: whether the host offers it; of the TUN: while that is open. */
  ...offloads.map((offload) => `offloads.${offload}` as const),
  'connections',
  'sessions',
  /** Flows that are remembered now. */
  'flows',
  /** New flows, allowed or refused, that no `flows` event told of. */
  'flowSamplesLost',
  ...capsuleErrorCauses.map((cause) => `capsuleErrors.${cause}` as const),
  ...icmpKinds.map((kind) => `icmpSent.${kind}` as const),
  /** Time in which workers worked and waited, summed over workers. */
  'workerBusySeconds',
  'workerWaitSeconds',
  /** From a client's first packet to the end of its handshake, completed ones. */
  'handshakeSecondsTotal',
  ...handshakeBounds.map((bound) => `handshakeDuration<=${bound}s` as const),
  'handshakeDuration>1s',
] as const;

export type SessionColumn = (typeof sessionColumns)[number];
export type ConnectionColumn = (typeof connectionColumns)[number];
export type TotalColumn = (typeof totalColumns)[number];

/** Caller-owned memory for one snapshot; reused from call to call. Row `i`, column `c` is at `i * width + c`. */
export class Snapshot {
  sessions = new Float64Array(sessionColumns.length * 64);
  connections = new Float64Array(connectionColumns.length * 64);
  readonly totals = new Float64Array(totalColumns.length);
  sessionRows = 0;
  connectionRows = 0;

  session(row: number, column: SessionColumn): number {
    return this.sessions[row * sessionColumns.length + sessionColumns.indexOf(column)] ?? Number.NaN;
  }

  connection(row: number, column: ConnectionColumn): number {
    return this.connections[row * connectionColumns.length + connectionColumns.indexOf(column)] ?? Number.NaN;
  }

  total(column: TotalColumn): number {
    return this.totals[totalColumns.indexOf(column)] ?? Number.NaN;
  }
}
