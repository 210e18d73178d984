import { weakness } from './keys.js';
import { pkiFailure, type PkiResult } from './pkiError.js';
import { Pkcs10CertificateRequest, type PublicKey } from './x509.js';

/**
 * The public key of a certificate signing request (PKCS #10, RFC 2986), after its signature proved that the sender
 * has the private key. Everything else in it is ignored. Codes: PKI_BAD_CSR, PKI_WEAK_KEY, PKI_BAD_SIGNATURE.
 */
export async function publicKeyOfCsr(csrPem: string): Promise<PkiResult<PublicKey>> {
  const csr = parseCsr(csrPem);
  if (csr === null) {
    return pkiFailure('PKI_BAD_CSR', 'This is no PEM block "CERTIFICATE REQUEST" with a PKCS #10 request.');
  }
  const weak = weakness(new Uint8Array(csr.publicKey.rawData));
  if (weak !== null) {
    return pkiFailure(
      'PKI_WEAK_KEY',
      `The key is not accepted: ${weak}. Use P-256, P-384, Ed25519 or RSA-3072.`,
    );
  }
  if (!(await verifies(csr))) {
    return pkiFailure('PKI_BAD_SIGNATURE', 'The request was not signed with the key it names.');
  }
  return { ok: true, value: csr.publicKey };
}

function parseCsr(pem: string): Pkcs10CertificateRequest | null {
  if (!pem.includes('-----BEGIN CERTIFICATE REQUEST-----')) return null;
  try {
    return new Pkcs10CertificateRequest(pem);
  } catch {
    return null;
  }
}

async function verifies(csr: Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await csr.verify();
  } catch {
    // A signature algorithm that does not fit the key.
    return false;
  }
}
