import type { KeyObject, X509Certificate as NodeCertificate } from 'node:crypto';
import { join } from 'node:path';
import { parseCertificate, type CertificateAuthority } from './authority.js';
import { generateKeys, parsePrivateKey, privateKeyPem } from './keys.js';
import { pkiFailure, type PkiResult } from './pkiError.js';
import { readIfPresent, systemCode, writeAtomically } from './privateFile.js';
import { subjectNames, type SubjectName } from './subjectNames.js';
import { PublicKey, SubjectAlternativeNameExtension, X509Certificate } from './x509.js';

const VALIDITY_MS = 90 * 86_400_000;

/** What the engine's listener takes, and until when. */
export interface ServerCertificate {
  /** Leaf first. */
  readonly chainPem: string;
  readonly keyPem: string;
  /** UTC milliseconds. */
  readonly notAfter: number;
  /** UTC milliseconds from which it is renewed: a third of its life is left. */
  readonly renewAt: number;
  /** Whether this call made it, and why. */
  readonly made: 'kept' | 'firstStart' | 'namesChanged' | 'ageing' | 'unusable';
}

export interface ServerCertificateOptions {
  /** Issues it; a certificate of another is replaced. */
  readonly authority: CertificateAuthority;
  /** Where `server.pem` and `server.key` are; must exist. */
  readonly directory: string;
  /** DNS names and IP addresses as text. */
  readonly names: readonly string[];
  /** UTC milliseconds. */
  readonly now: number;
}

/**
 * Keeps `server.pem` and `server.key` of `directory` current: valid for 90 days, for exactly `names`, made anew when
 * the names changed, less than a third of its life is left, or the files are of no use. Code: PKI_UNWRITABLE.
 */
export async function ensureServerCertificate(
  options: ServerCertificateOptions,
): Promise<PkiResult<ServerCertificate>> {
  const names = subjectNames(options.names);
  const certificateFile = join(options.directory, 'server.pem');
  const keyFile = join(options.directory, 'server.key');
  try {
    const chainPem = await readIfPresent(certificateFile);
    const keyPem = await readIfPresent(keyFile);
    const made =
      chainPem === null || keyPem === null ? 'firstStart' : judge(chainPem, keyPem, names, options);
    if (made === 'kept' && chainPem !== null && keyPem !== null) {
      return { ok: true, value: { chainPem, keyPem, ...lifetime(new X509Certificate(chainPem)), made } };
    }
    const fresh = await issue(options, names);
    await writeAtomically(keyFile, fresh.keyPem, 0o600);
    await writeAtomically(certificateFile, fresh.chainPem, 0o644);
    return { ok: true, value: { ...fresh, ...lifetime(new X509Certificate(fresh.chainPem)), made } };
  } catch (error) {
    if (systemCode(error) === 'UNKNOWN') throw error;
    const message = `Cannot keep the server's certificate in ${options.directory} (${systemCode(error)}). Check that the folder is writable and the disk not full.`;
    return pkiFailure('PKI_UNWRITABLE', message);
  }
}

function judge(
  chainPem: string,
  keyPem: string,
  names: readonly SubjectName[],
  { authority, now }: ServerCertificateOptions,
): ServerCertificate['made'] {
  const certificate = parseCertificate(chainPem);
  const key = parsePrivateKey(keyPem);
  if (certificate === null || key === null || !fits(certificate, key, authority)) return 'unusable';
  const parsed = new X509Certificate(chainPem);
  if (now < parsed.notBefore.getTime() || now >= lifetime(parsed).renewAt) return 'ageing';
  return sameNames(namesOf(parsed), names) ? 'kept' : 'namesChanged';
}

function fits(certificate: NodeCertificate, key: KeyObject, authority: CertificateAuthority): boolean {
  return certificate.checkPrivateKey(key) && authority.issued(certificate);
}

async function issue(
  { authority, now }: ServerCertificateOptions,
  names: readonly SubjectName[],
): Promise<{ readonly chainPem: string; readonly keyPem: string }> {
  const keys = generateKeys();
  const publicKey = new PublicKey(keys.publicKey.export({ type: 'spki', format: 'der' }));
  const { pem } = await authority.issueServerCertificate({ publicKey, names, now, validityMs: VALIDITY_MS });
  return { chainPem: pem, keyPem: privateKeyPem(keys.privateKey) };
}

function lifetime(certificate: X509Certificate): { readonly notAfter: number; readonly renewAt: number } {
  const notAfter = certificate.notAfter.getTime();
  return { notAfter, renewAt: notAfter - (notAfter - certificate.notBefore.getTime()) / 3 };
}

function namesOf(certificate: X509Certificate): SubjectName[] {
  const extension = certificate.getExtension(SubjectAlternativeNameExtension);
  return subjectNames(extension?.names.items.map(({ value }) => value) ?? []);
}

function sameNames(a: readonly SubjectName[], b: readonly SubjectName[]): boolean {
  const values = new Set(a.map(({ value }) => value));
  return values.size === b.length && b.every(({ value }) => values.has(value));
}
