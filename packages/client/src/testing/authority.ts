import 'reflect-metadata';
import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Certificate } from '@masque-vpn/engine';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

/** A certificate authority that lives as long as a test. */
export class TestAuthority {
  readonly pem: string;
  readonly #certificate: x509.X509Certificate;
  readonly #key: webcrypto.CryptoKey;

  private constructor(certificate: x509.X509Certificate, key: webcrypto.CryptoKey) {
    this.pem = certificate.toString('pem');
    this.#certificate = certificate;
    this.#key = key;
  }

  static async create(): Promise<TestAuthority> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: 'CN=test authority',
      notBefore: new Date(Date.now() - dayMs),
      notAfter: new Date(Date.now() + dayMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    });
    return new TestAuthority(certificate, keys.privateKey);
  }

  /** Certificate of a client; `startsInMs` and `endsInMs` are relative to now. */
  async client(subject: string, { startsInMs = -dayMs, endsInMs = dayMs } = {}): Promise<Certificate> {
    return this.#issue(subject, x509.ExtendedKeyUsage.clientAuth, startsInMs, endsInMs, []);
  }

  /** Certificate of a server with these DNS names. */
  async server(...names: readonly string[]): Promise<Certificate> {
    return this.serverWithin(names, {});
  }

  /** As {@link server}, with a life relative to now. */
  async serverWithin(
    names: readonly string[],
    { startsInMs = -dayMs, endsInMs = dayMs }: { readonly startsInMs?: number; readonly endsInMs?: number },
  ): Promise<Certificate> {
    const general = names.map((value) => ({ type: 'dns', value }) as const);
    const extension = new x509.SubjectAlternativeNameExtension(general);
    return this.#issue('server', x509.ExtendedKeyUsage.serverAuth, startsInMs, endsInMs, [extension]);
  }

  /** Certifies the key of a request, PEM; times are UTC milliseconds. */
  async certify(
    csrPem: string,
    subject: string,
    { notBeforeMs, notAfterMs }: { readonly notBeforeMs: number; readonly notAfterMs: number },
  ): Promise<string> {
    const request = new x509.Pkcs10CertificateRequest(csrPem);
    if (!(await request.verify())) throw new Error('the request is not signed by its key');
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: webcrypto.randomUUID().replaceAll('-', ''),
      subject: `CN=${subject}`,
      issuer: this.#certificate.subjectName,
      notBefore: new Date(notBeforeMs),
      notAfter: new Date(notAfterMs),
      signingAlgorithm: algorithm,
      publicKey: request.publicKey,
      signingKey: this.#key,
      extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
    });
    return certificate.toString('pem');
  }

  /** SHA-256 of the authority's certificate, lower-case hex. */
  get sha256(): string {
    return new X509Certificate(this.pem).fingerprint256.replaceAll(':', '').toLowerCase();
  }

  async #issue(
    subject: string,
    usage: x509.ExtendedKeyUsage,
    startsInMs: number,
    endsInMs: number,
    extensions: readonly x509.Extension[],
  ): Promise<Certificate> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: webcrypto.randomUUID().replaceAll('-', ''),
      subject: `CN=${subject}`,
      issuer: this.#certificate.subjectName,
      notBefore: new Date(Date.now() + startsInMs),
      notAfter: new Date(Date.now() + endsInMs),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.#key,
      extensions: [new x509.ExtendedKeyUsageExtension([usage]), ...extensions],
    });
    return {
      chainPem: certificate.toString('pem'),
      keyPem: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }
}
