import { KeyObject, webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '../pki/x509.js';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A client's key and the request to certify it. */
export interface KeyAndRequest {
  readonly keyPem: string;
  readonly csrPem: string;
}

/** What a client presents in TLS, and whom it trusts. */
export interface Credential {
  readonly chainPem: string;
  readonly keyPem: string;
  readonly anchorsPem: string;
}

export async function makeKeyAndRequest(name: string): Promise<KeyAndRequest> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
  });
  return {
    keyPem: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    csrPem: request.toString('pem'),
  };
}
