import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
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
    const general = names.map((value) => ({ type: 'dns', value }) as const);
    const extension = new x509.SubjectAlternativeNameExtension(general);
    return this.#issue('server', x509.ExtendedKeyUsage.serverAuth, -dayMs, dayMs, [extension]);
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
