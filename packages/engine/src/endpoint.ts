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
  readonly offloads: {
    readonly vnetHeader: boolean;
    readonly tcp: boolean;
    readonly udp: boolean;
    /** One queue for each worker; false with a single one. */
    readonly queues: boolean;
    /** The kernel puts packets in the queue of the worker that they belong to; never without `queues`. */
    readonly steering: boolean;
  };
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

/** What limits the sending rate: the library's BBR and Cubic, or the engine's own, which leaves others their share. */
export const congestionControls = ['adaptive', 'bbr', 'cubic'] as const;
export type CongestionControl = (typeof congestionControls)[number];

export interface TransportOptions {
  /** QUIC idle timeout in milliseconds, 1,000–600,000 (RFC 9000 §10.1). */
  readonly idleTimeoutMs: number;
  /** PING interval in milliseconds; null sends none. */
  readonly keepAliveMs: number | null;
  readonly congestionControl: CongestionControl;
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
