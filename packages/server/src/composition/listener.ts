import type { ClientTrust, EngineError, ListenerOptions } from '@masque-vpn/engine';
import type { ServerConfig } from '../config/config.js';
import type { PresentedCertificate } from '../pki/presentation.js';

/**
 * Requests a connection may have open beyond its sessions, so that one too many is answered instead of stalled. QUIC keeps a
 * slot for each from the start: with the default limit and eight unidirectional streams this is the last that fits a
 * table of 28, half as large as the next.
 */
const spareRequests = 4;

/** Connections that are not, or not yet, a session: handshakes done, requests being decided. */
const spareConnections = 1_000;

/** The engine's listener as the configuration wants it. */
export function listenerOptions(
  config: ServerConfig,
  clientTrust: ClientTrust,
  certificate: PresentedCertificate,
): ListenerOptions {
  const { sessions, server, tunnel } = config;
  return {
    address: server.listen.text,
    certificate: { chainPem: certificate.chainPem, keyPem: certificate.keyPem },
    clientTrust,
    transport: {
      idleTimeoutMs: sessions.idleTimeoutMs,
      keepAliveMs: null,
      congestionControl: tunnel.congestionControl,
    },
    peerLimits: {
      requestsPerConnection: sessions.perConnection + spareRequests,
      // A control capsule of ours has at most 1,024 ranges: 34 kB (CIP-1604).
      capsuleBytes: 65_536,
      capsulesPerSecond: 100,
      capsuleBurst: 200,
    },
    maxConnections: sessions.max + spareConnections,
    retryAboveHandshakes: 256,
    unauthenticatedMs: 10_000,
  };
}

/** What a failure to listen means to the person who started the server. */
export function listenAdvice(error: EngineError, address: string): string {
  switch (error.code) {
    case 'ENGINE_ADDRESS_IN_USE':
      return `another program uses UDP ${address}; end it, or set server.listen in server.toml`;
    case 'ENGINE_ADDRESS_UNAVAILABLE':
      return `this machine does not have the address of UDP ${address}; set server.listen in server.toml`;
    case 'ENGINE_PERMISSION_DENIED':
      return `this user may not listen on UDP ${address}; run as root, or choose a port above 1023 in server.listen`;
    default:
      return `UDP ${address}: ${error.message}`;
  }
}
