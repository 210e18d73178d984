import { webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator, type Extension, type JsonName } from '../x509.js';

/** Key types a client may come with; for tests. */
export const keyAlgorithms = {
  p256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  p384: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  p521: { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  ed25519: { name: 'Ed25519' },
  rsa3072: rsa(3_072),
  rsa2048: rsa(2_048),
} as const;

/** A signing request with a fresh key, as a client makes it that does not know its id. */
export async function makeCsr(
  algorithm: keyof typeof keyAlgorithms = 'p256',
  content: { readonly name?: JsonName; readonly extensions?: Extension[] } = {},
): Promise<string> {
  const parameters = keyAlgorithms[algorithm];
  const keys = await webcrypto.subtle.generateKey(parameters, true, ['sign', 'verify']);
  if (!('publicKey' in keys)) throw new Error('no key pair');
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: content.name ?? [{ CN: ['masque-vpn'] }],
    keys,
    signingAlgorithm: parameters,
    extensions: content.extensions ?? [],
  });
  return request.toString('pem');
}

function rsa(modulusLength: number) {
  return {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength,
  } as const;
}
