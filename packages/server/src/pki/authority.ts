import { X509Certificate as NodeCertificate, type KeyObject } from 'node:crypto';
import { keyOfCsr } from './csr.js';
import { sha256Hex } from './fingerprint.js';
import { BACKDATING_MS, issueLeaf, makeAuthority, type IssuedCertificate, type Issuer } from './issuing.js';
import type { PkiResult } from './pkiError.js';
import type { SubjectName } from './subjectNames.js';
import { X509Certificate, type PublicKey } from './x509.js';

const day = 86_400_000;

export interface ClientCertificateRequest {
  /** PKCS #10 in PEM. */
  readonly csrPem: string;
  /** `[a-z0-9-]{1,63}`; becomes the common name. */
  readonly clientId: string;
  /** UTC milliseconds. */
  readonly now: number;
  /** Default: 30 days. */
  readonly validityMs?: number;
}

export interface ServerCertificateRequest {
  readonly publicKey: PublicKey;
  readonly names: readonly SubjectName[];
  readonly now: number;
  readonly validityMs: number;
}

/** A client certificate as issued. */
export interface ClientCertificate extends IssuedCertificate {
  /** Of the authority's certificate and of the client's key (SubjectPublicKeyInfo), lower-case hex. */
  readonly issuerSha256: string;
  readonly keySha256: string;
}

/** A certificate authority of ours, its key in memory. */
export class CertificateAuthority {
  readonly certificatePem: string;
  /** Of the DER, lower-case hex. */
  readonly sha256: string;
  /** When it was made, UTC milliseconds, as the one below. */
  readonly madeAt: number;
  readonly notAfter: number;
  /** Its name in certificates: `CN=…`. */
  readonly subject: string;
  readonly privateKey: KeyObject;
  readonly #issuer: Issuer;
  readonly #certificate: NodeCertificate;

  /** @param madeAt absent: as the certificate says, in whole seconds */
  constructor(certificatePem: string, privateKey: KeyObject, madeAt?: number) {
    const certificate = new X509Certificate(certificatePem);
    this.#certificate = new NodeCertificate(certificatePem);
    this.certificatePem = certificatePem;
    this.sha256 = sha256Hex(new Uint8Array(certificate.rawData));
    this.madeAt = madeAt ?? certificate.notBefore.getTime() + BACKDATING_MS;
    this.notAfter = certificate.notAfter.getTime();
    this.subject = certificate.subject;
    this.privateKey = privateKey;
    this.#issuer = { certificate, privateKey };
  }

  /** A new one: ECDSA P-256, ten years, may sign leaves only. */
  static async make(now: number): Promise<CertificateAuthority> {
    const { pem, privateKey } = await makeAuthority(now);
    return new CertificateAuthority(pem, privateKey, now);
  }

  /**
   * Certifies the key of a signing request, with the subject `CN=<clientId>`; the certificate never outlives the
   * authority. Codes: PKI_BAD_CSR, PKI_BAD_SIGNATURE, PKI_WEAK_KEY, PKI_FOREIGN_NAMES, PKI_FOREIGN_EXTENSIONS.
   */
  async issueClientCertificate(request: ClientCertificateRequest): Promise<PkiResult<ClientCertificate>> {
    const { csrPem, clientId, now, validityMs = 30 * day } = request;
    const key = await keyOfCsr(csrPem, clientId);
    if (!key.ok) return key;
    const { publicKey, sha256: keySha256 } = key.value;
    const content = { commonName: clientId, names: [], now, validityMs, purpose: 'clientAuth' } as const;
    const issued = await issueLeaf(this.#issuer, { ...content, publicKey });
    return { ok: true, value: { ...issued, issuerSha256: this.sha256, keySha256 } };
  }

  /** Issues a certificate for the server's own key; clients look at the names only, not at the subject. */
  issueServerCertificate(request: ServerCertificateRequest): Promise<IssuedCertificate> {
    return issueLeaf(this.#issuer, { ...request, purpose: 'serverAuth', commonName: 'masque-vpn server' });
  }

  /** Whether this authority signed the certificate. */
  issued(certificate: NodeCertificate): boolean {
    return certificate.checkIssued(this.#certificate) && certificate.verify(this.#certificate.publicKey);
  }
}

/** The certificate of a PEM; null if it holds none. */
export function parseCertificate(pem: string): NodeCertificate | null {
  try {
    return new NodeCertificate(pem);
  } catch {
    return null;
  }
}
