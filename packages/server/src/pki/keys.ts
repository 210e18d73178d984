import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  webcrypto,
  type KeyObject,
} from 'node:crypto';

/** ECDSA with P-256 and SHA-256: what the authority signs with. */
export const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A new P-256 key pair. */
export function generateKeys(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** The private key of a PEM; null if it holds none. */
export function parsePrivateKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}

/** PKCS #8 PEM. */
export function privateKeyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The key as WebCrypto signs with it; P-256 only. */
export function toSigningKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey(
    'pkcs8',
    key.export({ type: 'pkcs8', format: 'der' }),
    signingAlgorithm,
    false,
    ['sign'],
  );
}

/** The public key as WebCrypto verifies with it; P-256 only. */
export function toVerifyingKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey(
    'spki',
    key.export({ type: 'spki', format: 'der' }),
    signingAlgorithm,
    true,
    ['verify'],
  );
}

/**
 * What is wrong with a key somebody wants certified; null: nothing. P-256, P-384, Ed25519 and RSA from 3072 bits,
 * which is what TLS 1.3 peers verify and 128 bits of security.
 *
 * @param spki SubjectPublicKeyInfo, DER.
 */
export function weakness(spki: Uint8Array): string | null {
  const key = parsePublicKey(spki);
  if (key === null) return 'its type is unknown';
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return null;
    case 'ec':
      return namedCurve === 'prime256v1' || namedCurve === 'secp384r1'
        ? null
        : `its curve is ${namedCurve ?? '?'}`;
    case 'rsa':
      return (modulusLength ?? 0) >= 3_072 ? null : `it is RSA with ${modulusLength ?? '?'} bits`;
    default:
      return `its type is ${key.asymmetricKeyType ?? 'unknown'}`;
  }
}

function parsePublicKey(spki: Uint8Array): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' });
  } catch {
    return null;
  }
}
