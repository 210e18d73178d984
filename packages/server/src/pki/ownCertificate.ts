import { X509Certificate as NodeCertificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import { parseCertificate } from './authority.js';
import { sha256Hex } from './fingerprint.js';
import { parsePrivateKey, privateKeyPem } from './keys.js';
import { pemBlocks } from './pem.js';
import { pkiFailure, type PkiResult } from './pkiError.js';
import { systemCode } from './privateFile.js';

/** Where somebody else keeps the server's certificate current. */
export interface OwnCertificateFiles {
  /** Leaf first, then whatever leads to a root. */
  readonly certificate: string;
  readonly key: string;
}

/** The server's certificate when an administrator brings it. */
export interface OwnCertificate {
  /** As in the file, leaf first. */
  readonly chainPem: string;
  readonly keyPem: string;
  /** Of the leaf, lower-case hex. */
  readonly sha256: string;
  /** UTC milliseconds. */
  readonly notAfter: number;
  /** What clients have to trust: the public root it leads to, else the last certificate of the file. */
  readonly anchorPem: string;
  readonly anchorSha256: string;
  /** Whether it leads to a root that browsers trust. */
  readonly isPublic: boolean;
}

export interface OwnCertificateOptions {
  readonly files: OwnCertificateFiles;
  /** The name or address that clients are told; they refuse a certificate that is not valid for it. */
  readonly publicHost: string;
  /** UTC milliseconds. */
  readonly now: number;
}

/**
 * Reads and checks a certificate that was brought along. Codes: PKI_OWN_UNREADABLE, PKI_OWN_INVALID,
 * PKI_OWN_MISMATCH, PKI_OWN_EXPIRED, PKI_OWN_WRONG_NAME.
 */
export async function readOwnCertificate(options: OwnCertificateOptions): Promise<PkiResult<OwnCertificate>> {
  const { files } = options;
  const certificate = await readText(files.certificate);
  if (!certificate.ok) return certificate;
  const key = await readText(files.key);
  if (!key.ok) return key;
  return checkOwnCertificate({ certificate: certificate.value, key: key.value }, options);
}

/** Checks the content of such files. Codes: as of `readOwnCertificate`, less PKI_OWN_UNREADABLE. */
export function checkOwnCertificate(
  texts: OwnCertificateFiles,
  { files, publicHost, now }: OwnCertificateOptions,
): PkiResult<OwnCertificate> {
  const chain = chainOf(texts.certificate, files.certificate);
  if (!chain.ok) return chain;
  const [leaf, last] = [chain.value.at(0), chain.value.at(-1)];
  const key = parsePrivateKey(texts.key);
  if (leaf === undefined || last === undefined || key === null) {
    return pkiFailure('PKI_OWN_INVALID', `${files.key} is no private key without passphrase, in PEM.`);
  }
  const fault =
    faultOf(leaf, key, files) ?? lifeFault(leaf, files, now) ?? nameFault(leaf, files, publicHost);
  if (fault !== null) return fault;
  const root = publicRootOf(last);
  if (root === null && last === leaf && !last.checkIssued(last)) {
    const message = `${files.certificate} holds the server’s certificate only. Add that of its issuer below it: clients trust that, and go on doing so when the server’s is renewed.`;
    return pkiFailure('PKI_OWN_INVALID', message);
  }
  const anchor = root ?? last;
  return {
    ok: true,
    value: {
      chainPem: chain.value.map((each) => each.toString()).join(''),
      keyPem: privateKeyPem(key),
      sha256: sha256Hex(leaf.raw),
      notAfter: Date.parse(leaf.validTo),
      anchorPem: anchor.toString(),
      anchorSha256: sha256Hex(last.raw),
      isPublic: root !== null,
    },
  };
}

async function readText(file: string): Promise<PkiResult<string>> {
  try {
    return { ok: true, value: await readFile(file, 'utf8') };
  } catch (error) {
    const message = `Cannot read ${file} (${systemCode(error)}). Check server.certificate and server.key, and that the server’s user may read both files.`;
    return pkiFailure('PKI_OWN_UNREADABLE', message);
  }
}

/** Each issued by the next, so that what is sent is a chain. */
function chainOf(text: string, file: string): PkiResult<readonly NodeCertificate[]> {
  const chain: NodeCertificate[] = [];
  for (const block of pemBlocks(text, 'CERTIFICATE')) {
    const certificate = parseCertificate(block);
    if (certificate === null) {
      return pkiFailure('PKI_OWN_INVALID', `Certificate ${chain.length + 1} of ${file} is damaged.`);
    }
    const before = chain.at(-1);
    if (before !== undefined && !(before.checkIssued(certificate) && before.verify(certificate.publicKey))) {
      const message = `Certificate ${chain.length + 1} of ${file} did not issue the one before it. Order it: the server’s certificate first, then its issuer, and so on.`;
      return pkiFailure('PKI_OWN_INVALID', message);
    }
    chain.push(certificate);
  }
  return chain.length === 0
    ? pkiFailure('PKI_OWN_INVALID', `${file} has no PEM block "CERTIFICATE".`)
    : { ok: true, value: chain };
}

type Failure = ReturnType<typeof pkiFailure>;

function faultOf(leaf: NodeCertificate, key: KeyObject, files: OwnCertificateFiles): Failure | null {
  if (leaf.ca) {
    const message = `The first certificate of ${files.certificate} is an authority’s, not a server’s.`;
    return pkiFailure('PKI_OWN_INVALID', message);
  }
  if (leaf.checkPrivateKey(key)) return null;
  const message = `${files.key} is not the key of the first certificate of ${files.certificate}. If both are being replaced, the next look will find them equal.`;
  return pkiFailure('PKI_OWN_MISMATCH', message);
}

function lifeFault(leaf: NodeCertificate, files: OwnCertificateFiles, now: number): Failure | null {
  if (now < Date.parse(leaf.validFrom)) {
    const message = `${files.certificate} is valid from ${leaf.validFrom} only. Check this machine’s clock.`;
    return pkiFailure('PKI_OWN_EXPIRED', message);
  }
  if (now < Date.parse(leaf.validTo) + 1_000) return null;
  return pkiFailure('PKI_OWN_EXPIRED', `${files.certificate} expired on ${leaf.validTo}. Renew it.`);
}

function nameFault(leaf: NodeCertificate, files: OwnCertificateFiles, publicHost: string): Failure | null {
  const matches =
    isIP(publicHost) === 0 ? leaf.checkHost(publicHost, { subject: 'never' }) : leaf.checkIP(publicHost);
  if (matches !== undefined) return null;
  const names = leaf.subjectAltName ?? 'none';
  const message = `Clients are told the name ${publicHost}, but ${files.certificate} is valid for: ${names}. Set server.host to one of these, or get a certificate for ${publicHost}.`;
  return pkiFailure('PKI_OWN_WRONG_NAME', message);
}

/** The root that browsers trust and that this certificate is, or was issued by; null: none. */
function publicRootOf(last: NodeCertificate): NodeCertificate | null {
  for (const pem of rootCertificates) {
    const root = new NodeCertificate(pem);
    if (root.fingerprint256 === last.fingerprint256) return root;
    if (last.checkIssued(root) && last.verify(root.publicKey)) return root;
  }
  return null;
}
