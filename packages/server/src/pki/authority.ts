import { X509Certificate as NodeCertificate, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { publicKeyOfCsr } from './csr.js';
import { sha256Hex } from './fingerprint.js';
import { issueLeaf, makeAuthority, type IssuedCertificate, type Issuer } from './issuing.js';
import { parsePrivateKey, privateKeyPem } from './keys.js';
import { pkiFailure, type PkiResult } from './pkiError.js';
import { makePrivate, readIfPresent, systemCode, writeAtomically } from './privateFile.js';
import type { SubjectName } from './subjectNames.js';
import { X509Certificate, type PublicKey } from './x509.js';

/** Until certificates renew themselves, they last a year. */
const CLIENT_VALIDITY_MS = 365 * 86_400_000;

export interface AuthorityOptions {
  /** Where `ca.pem` and `ca.key` are; must exist. */
  readonly directory: string;
  /** UTC milliseconds. */
  readonly now: number;
  readonly logger: Logger;
}

export interface ClientCertificateRequest {
  readonly csrPem: string;
  /** `[a-z0-9-]{1,63}`; becomes the common name. */
  readonly clientId: string;
  readonly now: number;
  /** Default: 365 days. */
  readonly validityMs?: number;
}

export interface ServerCertificateRequest {
  readonly publicKey: PublicKey;
  readonly names: readonly SubjectName[];
  readonly now: number;
  readonly validityMs: number;
}

/**
 * Loads `ca.pem` and `ca.key` of `directory`, or makes both when neither is there (ECDSA P-256, key mode 0600).
 * One without the other is an error: a new authority would lock every client out.
 * Codes: PKI_CA_UNREADABLE, PKI_CA_INCOMPLETE, PKI_CA_INVALID, PKI_CA_MISMATCH, PKI_CA_EXPIRED, PKI_UNWRITABLE.
 */
export async function openAuthority(options: AuthorityOptions): Promise<PkiResult<CertificateAuthority>> {
  const certificateFile = join(options.directory, 'ca.pem');
  const keyFile = join(options.directory, 'ca.key');
  let certificatePem: string | null;
  let keyPem: string | null;
  try {
    certificatePem = await readIfPresent(certificateFile);
    keyPem = await readIfPresent(keyFile);
    if (keyPem !== null && (await makePrivate(keyFile))) {
      options.logger.warn(
        { file: keyFile },
        'others could read the key of the authority; now only its owner can',
      );
    }
  } catch (error) {
    const message = `Cannot read the certificate authority in ${options.directory} (${systemCode(error)}). Check the rights of ca.pem and ca.key.`;
    return pkiFailure('PKI_CA_UNREADABLE', message);
  }
  if (certificatePem === null && keyPem === null) return createAuthority(options, certificateFile, keyFile);
  if (certificatePem === null || keyPem === null) {
    const [present, missing] = keyPem === null ? [certificateFile, keyFile] : [keyFile, certificateFile];
    const message = `${present} is there, but ${missing} is not. Restore it from a backup; or, if no client was ever given a certificate, delete ${present} and start again.`;
    return pkiFailure('PKI_CA_INCOMPLETE', message);
  }
  return loadAuthority(certificatePem, keyPem, options);
}

/** The built-in certificate authority, its key in memory. */
export class CertificateAuthority {
  readonly certificatePem: string;
  /** Of the DER, lower-case hex. */
  readonly sha256: string;
  /** UTC milliseconds. */
  readonly notAfter: number;
  readonly #issuer: Issuer;

  constructor(certificatePem: string, privateKey: KeyObject) {
    const certificate = new X509Certificate(certificatePem);
    this.certificatePem = certificatePem;
    this.sha256 = sha256Hex(new Uint8Array(certificate.rawData));
    this.notAfter = certificate.notAfter.getTime();
    this.#issuer = { certificate, privateKey };
  }

  /**
   * Issues a client certificate for the CSR's key. Names and extensions of the CSR are ignored: the subject is
   * `CN=<clientId>`. Codes: PKI_BAD_CSR, PKI_BAD_SIGNATURE, PKI_WEAK_KEY.
   */
  async issueClientCertificate(request: ClientCertificateRequest): Promise<PkiResult<IssuedCertificate>> {
    const publicKey = await publicKeyOfCsr(request.csrPem);
    if (!publicKey.ok) return publicKey;
    const value = await issueLeaf(this.#issuer, {
      publicKey: publicKey.value,
      purpose: 'clientAuth',
      commonName: request.clientId,
      names: [],
      now: request.now,
      validityMs: request.validityMs ?? CLIENT_VALIDITY_MS,
    });
    return { ok: true, value };
  }

  /** Issues a certificate for the server's own key; clients look at the names only, not at the subject. */
  issueServerCertificate(request: ServerCertificateRequest): Promise<IssuedCertificate> {
    return issueLeaf(this.#issuer, { ...request, purpose: 'serverAuth', commonName: 'masque-vpn server' });
  }

  /** Whether this authority signed the certificate. */
  issued(certificate: NodeCertificate): boolean {
    return certificate.verify(new NodeCertificate(this.certificatePem).publicKey);
  }
}

async function createAuthority(
  options: AuthorityOptions,
  certificateFile: string,
  keyFile: string,
): Promise<PkiResult<CertificateAuthority>> {
  const { pem, privateKey } = await makeAuthority(options.now);
  try {
    // The key first: a certificate without its key would look like a lost key.
    await writeAtomically(keyFile, privateKeyPem(privateKey), 0o600);
    await writeAtomically(certificateFile, pem, 0o644);
  } catch (error) {
    const message = `Cannot write the new certificate authority to ${options.directory} (${systemCode(error)}). Check that the folder is writable and the disk not full.`;
    return pkiFailure('PKI_UNWRITABLE', message);
  }
  const authority = new CertificateAuthority(pem, privateKey);
  options.logger.info({ file: certificateFile, sha256: authority.sha256 }, 'certificate authority made');
  return { ok: true, value: authority };
}

function loadAuthority(
  certificatePem: string,
  keyPem: string,
  { directory, now }: AuthorityOptions,
): PkiResult<CertificateAuthority> {
  const certificate = parseCertificate(certificatePem);
  const key = parsePrivateKey(keyPem);
  if (certificate?.ca !== true || key?.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    const culprit =
      certificate?.ca === true ? 'ca.key is no P-256 private key' : 'ca.pem is no CA certificate';
    return pkiFailure('PKI_CA_INVALID', `In ${directory}, ${culprit}. Restore both files from one backup.`);
  }
  if (!certificate.checkPrivateKey(key)) {
    const message = `In ${directory}, ca.key is not the key of ca.pem. Restore both files from one backup.`;
    return pkiFailure('PKI_CA_MISMATCH', message);
  }
  const notAfter = Date.parse(certificate.validTo);
  if (now > notAfter) {
    const message = `The certificate authority in ${directory} expired on ${certificate.validTo}. Check the machine's clock; or move ca.pem and ca.key away and add every client anew.`;
    return pkiFailure('PKI_CA_EXPIRED', message);
  }
  return { ok: true, value: new CertificateAuthority(certificatePem, key) };
}

/** The certificate of a PEM; null if it holds none. */
export function parseCertificate(pem: string): NodeCertificate | null {
  try {
    return new NodeCertificate(pem);
  } catch {
    return null;
  }
}
