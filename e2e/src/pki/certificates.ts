import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  type JsonGeneralNames,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 3600 * 1000;

/** A certificate with its private key, PEM. */
export interface KeyedCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** The authority of a server, read from its state: tests make with it what the server itself never would. */
export async function authorityOf(stateDirectory: string): Promise<KeyedCertificate> {
  const read = (name: string): Promise<string> => readFile(join(stateDirectory, name), 'utf8');
  const passphrase = (await read('master.key')).trim();
  const key = createPrivateKey({ key: await read('ca.key'), passphrase });
  return {
    certificatePem: await read('ca.pem'),
    privateKeyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** An authority that no server knows. */
export async function foreignAuthority(): Promise<KeyedCertificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: ['somebody else'] }],
      keys,
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - 3 * dayMs),
      notAfter: new Date(Date.now() + dayMs),
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    },
    webcrypto,
  );
  return { certificatePem: certificate.toString('pem'), privateKeyPem: await exportKey(keys.privateKey) };
}

/** From when until when a certificate is good, relative to now, milliseconds. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Its time was over yesterday. */
export const expired: Validity = { fromMs: -2 * dayMs, untilMs: -dayMs };

/** A certificate, good until tomorrow unless `validity` says otherwise; a server's has `names`. */
export async function issue(
  authority: KeyedCertificate,
  name: string,
  { fromMs, untilMs }: Validity = { fromMs: -2 * dayMs, untilMs: dayMs },
  names: JsonGeneralNames = [],
): Promise<KeyedCertificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const issuer = new X509Certificate(authority.certificatePem);
  const certificate = await X509CertificateGenerator.create(
    {
      subject: [{ CN: [name] }],
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey: await importKey(authority.privateKeyPem),
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() + fromMs),
      notAfter: new Date(Date.now() + untilMs),
      extensions: names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)],
    },
    webcrypto,
  );
  return { certificatePem: certificate.toString('pem'), privateKeyPem: await exportKey(keys.privateKey) };
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}
