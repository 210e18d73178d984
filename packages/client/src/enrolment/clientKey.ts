import { webcrypto } from 'node:crypto';

/** A new key pair's private half and the request to certify the public one, both PEM. */
export interface ClientKey {
  /** PKCS #8. */
  readonly privateKeyPem: string;
  /** PKCS #10, signed with the key, subject `CN=<client>`. */
  readonly csrPem: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Makes an ECDSA P-256 key of which only the returned value knows. */
export async function makeClientKey(client: string): Promise<ClientKey> {
  // Hundreds of modules that only a new key needs: a client that connects with the one it has starts without them.
  await import('reflect-metadata');
  const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const csr = await Pkcs10CertificateRequestGenerator.create(
    { name: [{ CN: [client] }], keys, signingAlgorithm: algorithm },
    webcrypto,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { privateKeyPem: pem('PRIVATE KEY', pkcs8), csrPem: csr.toString('pem') };
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
