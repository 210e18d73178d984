import { generateKeys, privateKeyPem } from '../../pki/keys.js';
import type { CertificateAuthority } from '../../pki/authority.js';
import type { PresentedCertificate } from '../../pki/presentation.js';
import { subjectNames } from '../../pki/subjectNames.js';
import { PublicKey } from '../../pki/x509.js';

/** A server's certificate of this authority for these names, valid for a day from now; for tests. */
export async function presentedBy(
  authority: CertificateAuthority,
  names: readonly string[],
): Promise<PresentedCertificate> {
  const keys = generateKeys();
  const { pem, notAfter } = await authority.issueServerCertificate({
    publicKey: new PublicKey(keys.publicKey.export({ type: 'spki', format: 'der' })),
    names: subjectNames(names),
    now: Date.now(),
    validityMs: 86_400_000,
  });
  const keyPem = privateKeyPem(keys.privateKey);
  return { chainPem: pem, fullChainPem: pem + authority.certificatePem, keyPem, notAfter };
}
