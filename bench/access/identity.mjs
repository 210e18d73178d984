import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { outer } from '../network.mjs';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * Writes `chain.pem` and `key.pem` of a server that is its own authority.
 * @param {string} directory
 */
export async function makeIdentity(directory) {
  const crypto = /** @type {typeof globalThis.crypto} */ (webcrypto);
  x509.cryptoProvider.set(crypto);
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=bench',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 86_400_000),
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: outer.server }])],
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  writeFileSync(join(directory, 'chain.pem'), certificate.toString('pem'));
  writeFileSync(join(directory, 'key.pem'), x509.PemConverter.encode(key, 'PRIVATE KEY'), { mode: 0o600 });
}
