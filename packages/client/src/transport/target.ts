import { DEFAULT_LIMITS } from '@masque-vpn/protocol';
import { clientMark } from '../network/network.js';
import type { Profile } from '../profile/profile.js';
import { anchorsOf } from '../publicPort/publicPort.js';
import type { ConnectionTarget } from './connection.js';
import type { Server } from './server.js';

/** How every client's connection behaves. */
const transport = {
  /** After so much silence the server counts as gone (RFC 9000 §10.1). */
  idleTimeoutMs: 30_000,
  /** Well below, so that an idle tunnel stays (CIP-117) and one lost PING is no loss. */
  keepAliveMs: 10_000,
} as const;

/** A server opens no requests; its capsules are bounded as a client's are (CIP-608, CIP-610). */
const peerLimits = {
  requestsPerConnection: 1,
  capsuleBytes: DEFAULT_LIMITS.capsuleBytes,
  capsulesPerSecond: 100,
  capsuleBurst: 200,
} as const;

/** Whom to connect to for this profile, and how. */
export function connectionTarget(
  profile: Profile,
  server: Server,
  addresses: readonly string[],
): ConnectionTarget {
  return {
    addresses,
    port: server.port,
    options: {
      serverName: server.certificateName,
      anchorsPem: anchorsOf(profile.ca, profile.systemRoots).join('\n'),
      certificate: { chainPem: profile.certificate, keyPem: profile.privateKey },
      transport: { ...transport, congestionControl: profile.tunnel.congestionControl },
      peerLimits,
      mark: clientMark,
    },
  };
}
