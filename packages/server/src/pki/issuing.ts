import { randomBytes, type KeyObject } from 'node:crypto';
import { sha256Hex } from './fingerprint.js';
import { generateKeys, signingAlgorithm, toSigningKey, toVerifyingKey } from './keys.js';
import type { SubjectName } from './subjectNames.js';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type PublicKey,
} from './x509.js';

const SECOND_MS = 1_000;
const DAY_MS = 86_400 * SECOND_MS;
/** Validity begins this much before now, for peers whose clock is behind. */
export const BACKDATING_MS = 3_600 * SECOND_MS;
const AUTHORITY_VALIDITY_MS = 3_650 * DAY_MS;

/** A certificate as issued. */
export interface IssuedCertificate {
  readonly pem: string;
  /** Of the DER, lower-case hex. */
  readonly sha256: string;
  /** Lower-case hex. */
  readonly serial: string;
  /** UTC milliseconds, whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Who signs. */
export interface Issuer {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
}

/** What a leaf certificate says. */
export interface LeafContent {
  readonly publicKey: PublicKey;
  /** `clientAuth` or `serverAuth`, and nothing else. */
  readonly purpose: 'clientAuth' | 'serverAuth';
  readonly commonName: string;
  readonly names: readonly SubjectName[];
  readonly now: number;
  readonly validityMs: number;
}

/** A new authority of its own key: P-256, ten years, may sign leaves only (path length 0). */
export async function makeAuthority(
  now: number,
): Promise<{ readonly pem: string; readonly privateKey: KeyObject }> {
  const keys = generateKeys();
  const publicKey = await toVerifyingKey(keys.publicKey);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    // The random part tells the authorities of several servers apart in a list.
    name: [{ CN: [`masque-vpn authority ${randomBytes(4).toString('hex')}`] }],
    notBefore: wholeSeconds(now - BACKDATING_MS),
    notAfter: wholeSeconds(now + AUTHORITY_VALIDITY_MS),
    signingAlgorithm,
    keys: { publicKey, privateKey: await toSigningKey(keys.privateKey) },
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return { pem: pemText(certificate), privateKey: keys.privateKey };
}

/** A leaf signed by the issuer; it never outlives the issuer. */
export async function issueLeaf(issuer: Issuer, content: LeafContent): Promise<IssuedCertificate> {
  const serial = randomSerial();
  const notAfter = Math.min(content.now + content.validityMs, issuer.certificate.notAfter.getTime());
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial,
    subject: [{ CN: [content.commonName] }],
    issuer: issuer.certificate.subjectName,
    notBefore: wholeSeconds(content.now - BACKDATING_MS),
    notAfter: wholeSeconds(notAfter),
    signingAlgorithm,
    publicKey: content.publicKey,
    signingKey: await toSigningKey(issuer.privateKey),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage[content.purpose]]),
      await SubjectKeyIdentifierExtension.create(content.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
      ...(content.names.length === 0 ? [] : [new SubjectAlternativeNameExtension([...content.names])]),
    ],
  });
  return {
    pem: pemText(certificate),
    sha256: sha256Hex(new Uint8Array(certificate.rawData)),
    serial,
    notBefore: certificate.notBefore.getTime(),
    notAfter: certificate.notAfter.getTime(),
  };
}

/** 126 random bits in 16 bytes: positive, and as long in DER as in hex (RFC 5280 §4.1.2.2 wants at most 20 bytes). */
function randomSerial(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes.toString('hex');
}

/** X.509 knows no fractions of a second. */
function wholeSeconds(ms: number): Date {
  return new Date(Math.floor(ms / SECOND_MS) * SECOND_MS);
}

function pemText(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
