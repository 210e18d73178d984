import { sha256Hex } from './fingerprint.js';
import { weakness } from './keys.js';
import { pkiFailure, type PkiResult } from './pkiError.js';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type Extension,
  type PublicKey,
} from './x509.js';

/** Longest request, characters of PEM; one for RSA-4096 has 1,700. */
export const MOST_CSR_CHARACTERS = 16_384;

/** What a client calls itself that does not know its id yet. */
const anybody = 'masque-vpn';

/** A key somebody proved to have. */
export interface CertifiableKey {
  readonly publicKey: PublicKey;
  /** Of its SubjectPublicKeyInfo (DER), lower-case hex. */
  readonly sha256: string;
}

/**
 * The public key of a certificate signing request (PKCS #10, RFC 2986), after its signature proved that the sender
 * has the private key. A request may say nothing that the certificate would not: no name but the client's own, no
 * extension but what a TLS client's leaf has.
 * Codes: PKI_BAD_CSR, PKI_WEAK_KEY, PKI_BAD_SIGNATURE, PKI_FOREIGN_NAMES, PKI_FOREIGN_EXTENSIONS.
 */
export async function keyOfCsr(csrPem: string, clientId: string): Promise<PkiResult<CertifiableKey>> {
  const csr = parseCsr(csrPem);
  if (csr === null) {
    const message = `This is no single PEM block "CERTIFICATE REQUEST" with a PKCS #10 request of at most ${MOST_CSR_CHARACTERS} characters.`;
    return pkiFailure('PKI_BAD_CSR', message);
  }
  const weak = weakness(csr.spki);
  if (weak !== null) {
    return pkiFailure(
      'PKI_WEAK_KEY',
      `The key is not accepted: ${weak}. Use P-256, P-384, Ed25519 or RSA-3072.`,
    );
  }
  if (!(await verifies(csr.request))) {
    return pkiFailure('PKI_BAD_SIGNATURE', 'The request was not signed with the key it names.');
  }
  const name = foreignName(csr, clientId);
  if (name !== null) {
    const message = `The request asks for the name ${name}; this client’s certificate says CN=${clientId} and nothing else. Leave the subject empty.`;
    return pkiFailure('PKI_FOREIGN_NAMES', message);
  }
  const extension = csr.extensions.find((each) => !isHarmless(each));
  if (extension !== undefined) {
    const message = `The request asks for the extension ${extension.type}, which no client’s certificate has. Leave extensions out.`;
    return pkiFailure('PKI_FOREIGN_EXTENSIONS', message);
  }
  return { ok: true, value: { publicKey: csr.publicKey, sha256: sha256Hex(csr.spki) } };
}

/** A request, and what of it is looked at. */
interface ParsedCsr {
  readonly request: Pkcs10CertificateRequest;
  readonly publicKey: PublicKey;
  /** Its SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** Values by attribute, of each relative name. */
  readonly subject: readonly Readonly<Record<string, readonly string[]>>[];
  readonly extensions: readonly Extension[];
}

function parseCsr(pem: string): ParsedCsr | null {
  if (pem.length > MOST_CSR_CHARACTERS) return null;
  const blocks = pem.match(/-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----/g);
  if (blocks?.length !== 1) return null;
  try {
    const request = new Pkcs10CertificateRequest(pem);
    const { publicKey, extensions } = request;
    // Each part is decoded when it is asked for, here, where it may turn out to be broken.
    return {
      request,
      publicKey,
      spki: new Uint8Array(publicKey.rawData),
      subject: request.subjectName.toJSON(),
      extensions,
    };
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

/** A name that is not the client's; null: there is none. */
function foreignName({ subject, extensions }: ParsedCsr, clientId: string): string | null {
  for (const rdn of subject) {
    for (const [attribute, values] of Object.entries(rdn)) {
      const foreign = values.find((value) => attribute !== 'CN' || (value !== clientId && value !== anybody));
      if (foreign !== undefined) return `${attribute}=${shown(foreign)}`;
    }
  }
  const alternative = extensions.find((each) => each instanceof SubjectAlternativeNameExtension);
  if (alternative === undefined) return null;
  return shown(alternative.names.items.map(({ type, value }) => `${type}:${value}`).join(', '));
}

function isHarmless(extension: Extension): boolean {
  if (extension instanceof BasicConstraintsExtension) return !extension.ca;
  if (extension instanceof ExtendedKeyUsageExtension) {
    return extension.usages.every((usage) => usage === ExtendedKeyUsage.clientAuth);
  }
  return extension instanceof KeyUsagesExtension || extension instanceof SubjectKeyIdentifierExtension;
}

/** Of a text of somebody else's: printable, short. */
function shown(text: string): string {
  return text.slice(0, 100).replaceAll(/[^\x20-\x7e]/g, '?');
}
