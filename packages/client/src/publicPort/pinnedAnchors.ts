import { createHash } from 'node:crypto';
import { type DetailedPeerCertificate, rootCertificates } from 'node:tls';
import type { EnrolmentTrust } from '@masque-vpn/protocol';
import { exchangeFailed, type ExchangeOutcome, tlsFailure } from './portFailure.js';
import { type Anchors, portName, type PublicPort } from './publicPort.js';
import { tlsConnection } from './tlsConnection.js';

/** Certificates of a chain that are looked at: a server sends two or three. */
const longestChain = 10;

/**
 * The anchors that a link's fingerprints stand for, taken from the chain that the server presents on a connection on
 * which nothing is sent. They are only candidates: whoever answers there is not proven to have any key. What counts
 * is a second connection, whose chain OpenSSL verifies against exactly these.
 * Fails with SERVER_FINGERPRINT_MISMATCH, or as {@link tlsFailure} says; `now` is UTC milliseconds.
 */
export async function pinnedAnchors(
  port: PublicPort,
  trust: EnrolmentTrust,
  now: number,
  signal: AbortSignal,
): Promise<ExchangeOutcome<Anchors>> {
  let chain: readonly PresentedCertificate[];
  try {
    // Not authenticated by intention: see above.
    const socket = await tlsConnection(port, { rejectUnauthorized: false }, signal);
    chain = presented(socket.getPeerCertificate(true));
    socket.destroy();
  } catch (error) {
    return tlsFailure(error, port, now);
  }
  const pinned = chain.filter(({ sha256 }) => trust.sha256.includes(sha256)).map(({ pem }) => pem);
  const anchors = trust.system ? [...pinned, ...rootCertificates] : pinned;
  if (anchors.length > 0) return { ok: true, value: anchors };
  return exchangeFailed(
    'SERVER_FINGERPRINT_MISMATCH',
    `${portName(port)} does not have the fingerprint that the link names: the link is of another server, or something between here and the server answers in its place. Nothing was sent. On a network that wants you to log in first, do that and try again; else ask the server’s owner for a new link.`,
  );
}

interface PresentedCertificate {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly pem: string;
}

/** The presented chain from the leaf on. */
function presented(leaf: DetailedPeerCertificate): PresentedCertificate[] {
  const chain: PresentedCertificate[] = [];
  let next: Partial<DetailedPeerCertificate> | undefined = leaf;
  while (next?.raw !== undefined && chain.length < longestChain) {
    const sha256 = createHash('sha256').update(next.raw).digest('hex');
    // A self-signed certificate is its own issuer.
    if (chain.some((known) => known.sha256 === sha256)) break;
    chain.push({ sha256, pem: pemOf(next.raw) });
    next = next.issuerCertificate;
  }
  return chain;
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
