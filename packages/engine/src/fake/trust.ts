import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Certificate, ClientTrust, EngineResult } from '../engine.js';
import { failed } from './failure.js';

/** TLS alerts that a certificate can cause (RFC 8446 §6). */
const alerts = {
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_expired: 45,
  unknown_ca: 48,
} as const;
export type CertificateAlert = keyof typeof alerts;

/** The code of CONNECTION_CLOSE for a TLS alert (RFC 9001 §4.8). */
export function alertCode(alert: CertificateAlert): number {
  return 0x0100 + alerts[alert];
}

/** A chain as presented in the handshake, leaf first. */
export interface Chain {
  readonly leaf: X509Certificate;
  readonly intermediates: readonly X509Certificate[];
  /** Lower-case hex of the leaf's SHA-256. */
  readonly leafSha256: string;
}

/** Extended key usages (RFC 5280 §4.2.1.12). */
const keyPurposes = { client: '1.3.6.1.5.5.7.3.2', server: '1.3.6.1.5.5.7.3.1' } as const;
const longestChain = 8;

/** Reads all certificates of a PEM text. */
export function readAnchors(pem: string): EngineResult<readonly X509Certificate[]> {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 && pem.trim() !== '')
    return failed('ENGINE_INVALID_CERTIFICATE', 'no certificate in the PEM text');
  try {
    return { ok: true, value: blocks.map((block) => new X509Certificate(block)) };
  } catch (error) {
    return failed('ENGINE_INVALID_CERTIFICATE', `unreadable certificate: ${String(error)}`);
  }
}

/** Reads a chain and checks that the key belongs to its leaf. */
export function readCertificate({ chainPem, keyPem }: Certificate): EngineResult<Chain> {
  const certificates = readAnchors(chainPem);
  if (!certificates.ok) return certificates;
  const [leaf, ...intermediates] = certificates.value;
  if (leaf === undefined) return failed('ENGINE_INVALID_CERTIFICATE', 'the chain is empty');
  try {
    if (!leaf.checkPrivateKey(createPrivateKey(keyPem)))
      return failed('ENGINE_INVALID_CERTIFICATE', 'the key does not belong to the certificate');
  } catch (error) {
    return failed('ENGINE_INVALID_CERTIFICATE', `unreadable private key: ${String(error)}`);
  }
  const leafSha256 = createHash('sha256').update(leaf.raw).digest('hex');
  return { ok: true, value: { leaf, intermediates, leafSha256 } };
}

/** Trust in clients, taken apart. */
export interface Trust {
  readonly anchors: readonly X509Certificate[];
  readonly listedLeafs: ReadonlySet<string>;
}

/** Reads trust in clients; no anchors at all is possible, only listed leafs pass then. */
export function readTrust({ anchorsPem, leafSha256 }: ClientTrust): EngineResult<Trust> {
  const anchors = readAnchors(anchorsPem);
  if (!anchors.ok) return anchors;
  const wrong = leafSha256.find((text) => !/^[0-9a-f]{64}$/.test(text));
  if (wrong !== undefined) return failed('ENGINE_INVALID_CERTIFICATE', `no SHA-256: ${wrong}`);
  return { ok: true, value: { anchors: anchors.value, listedLeafs: new Set(leafSha256) } };
}

/** Judges a chain against trust anchors; null if it leads to one of them and is valid at `nowMs`. */
export function judgeChain(
  chain: Chain,
  anchors: readonly X509Certificate[],
  purpose: keyof typeof keyPurposes,
  nowMs: number,
): CertificateAlert | null {
  if (chain.leaf.ca) return 'bad_certificate';
  const purposes = extendedKeyUsage(chain.leaf);
  if (purposes !== undefined && !purposes.includes(keyPurposes[purpose])) return 'unsupported_certificate';
  let current = chain.leaf;
  for (let depth = 0; depth < longestChain; depth += 1) {
    if (!validAt(current, nowMs)) return 'certificate_expired';
    if (anchors.some((anchor) => issued(anchor, current))) return null;
    const issuer = chain.intermediates.find((candidate) => candidate.ca && issued(candidate, current));
    if (issuer === undefined) return 'unknown_ca';
    current = issuer;
  }
  return 'unknown_ca';
}

/** Whether the certificate names the server: SAN only, as rustls does (CIP-102). */
export function namesServer(certificate: X509Certificate, serverName: string): boolean {
  if (isIP(serverName) !== 0) return certificate.checkIP(serverName) !== undefined;
  return certificate.checkHost(serverName, { subject: 'never' }) !== undefined;
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.issuer === issuer.subject && certificate.verify(issuer.publicKey);
}

function validAt(certificate: X509Certificate, nowMs: number): boolean {
  return Date.parse(certificate.validFrom) <= nowMs && nowMs <= Date.parse(certificate.validTo);
}

/** Node's types say that it is always there; it is undefined without the extension. */
function extendedKeyUsage(certificate: X509Certificate): readonly string[] | undefined {
  return certificate.keyUsage;
}
