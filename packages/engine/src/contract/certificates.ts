import 'reflect-metadata';
import { createHash, KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Certificate } from '../engine.js';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

/** A certificate made for a test, with what a test asks about it. */
export interface IssuedCertificate extends Certificate {
  /** DER of the leaf. */
  readonly der: Uint8Array;
  /** Lower-case hex. */
  readonly sha256: string;
}

interface IssueOptions {
  readonly purpose: 'client' | 'server';
  readonly subject: string;
  /** DNS names and IP addresses. */
  readonly names?: readonly string[];
  readonly expired?: boolean;
}

/** A certificate authority that lives as long as the test run. */
class TestAuthority {
  readonly anchorsPem: string;
  readonly #certificate: x509.X509Certificate;
  readonly #key: webcrypto.CryptoKey;

  private constructor(certificate: x509.X509Certificate, key: webcrypto.CryptoKey) {
    this.anchorsPem = certificate.toString('pem');
    this.#certificate = certificate;
    this.#key = key;
  }

  static async create(name: string): Promise<TestAuthority> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - dayMs),
      notAfter: new Date(Date.now() + dayMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ],
    });
    return new TestAuthority(certificate, keys.privateKey);
  }

  async issue({ purpose, subject, names = [], expired = false }: IssueOptions): Promise<IssuedCertificate> {
    const keys = await generateKeys();
    const usage = purpose === 'client' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: webcrypto.randomUUID().replaceAll('-', ''),
      subject: `CN=${subject}`,
      issuer: this.#certificate.subjectName,
      notBefore: new Date(Date.now() - 3 * dayMs),
      notAfter: new Date(Date.now() + (expired ? -dayMs : dayMs)),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.#key,
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names.map(generalName))]),
      ],
    });
    const der = new Uint8Array(certificate.rawData);
    return {
      chainPem: certificate.toString('pem'),
      keyPem: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
      der,
      sha256: createHash('sha256').update(der).digest('hex'),
    };
  }
}

/** Everything the contract needs, made once. */
export interface TestCertificates {
  readonly authority: TestAuthority;
  readonly otherAuthority: TestAuthority;
  readonly server: IssuedCertificate;
  readonly secondServer: IssuedCertificate;
  readonly expiredServer: IssuedCertificate;
  readonly client: IssuedCertificate;
  readonly expiredClient: IssuedCertificate;
  /** Of the other authority. */
  readonly stranger: IssuedCertificate;
}

/** The name that the test servers' certificates carry, beside 127.0.0.1 and ::1. */
export const serverName = 'vpn.example.test';

export async function makeCertificates(): Promise<TestCertificates> {
  const names = [serverName, '127.0.0.1', '::1'];
  const [authority, otherAuthority] = await Promise.all([
    TestAuthority.create('contract CA'),
    TestAuthority.create('another CA'),
  ]);
  const [server, secondServer, expiredServer, client, expiredClient, stranger] = await Promise.all([
    authority.issue({ purpose: 'server', subject: 'server', names }),
    authority.issue({ purpose: 'server', subject: 'second', names: ['second.example.test'] }),
    authority.issue({ purpose: 'server', subject: 'server', names, expired: true }),
    authority.issue({ purpose: 'client', subject: 'alice' }),
    authority.issue({ purpose: 'client', subject: 'alice', expired: true }),
    otherAuthority.issue({ purpose: 'client', subject: 'mallory' }),
  ]);
  return { authority, otherAuthority, server, secondServer, expiredServer, client, expiredClient, stranger };
}

function generalName(name: string): { type: 'ip' | 'dns'; value: string } {
  return { type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns', value: name };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}
