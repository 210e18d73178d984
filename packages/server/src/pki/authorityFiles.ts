import { join } from 'node:path';
import type { Logger } from 'pino';
import { CertificateAuthority, parseCertificate } from './authority.js';
import { isEncryptedKey } from './encryptedKey.js';
import { parsePrivateKey } from './keys.js';
import type { MasterKey } from './masterKey.js';
import { pemBlocks } from './pem.js';
import { pkiFailure, type PkiResult } from './pkiError.js';
import { makePrivate, readIfPresent, systemCode, writeAtomically } from './privateFile.js';

/** What a folder holds of authorities, as text. */
export interface AuthorityFiles {
  /** `ca.pem`: one certificate after the other. */
  readonly certificatesPem: string;
  /** `ca.key`: their keys in the same order, encrypted except where older versions wrote them. */
  readonly keysPem: string;
}

/**
 * `ca.pem` and `ca.key` of the state folder: where the authority was before the database had it, and a copy since.
 * Null when neither is there; one without the other is an error, as a new authority would lock every client out.
 * Codes: PKI_CA_UNREADABLE, PKI_CA_INCOMPLETE.
 */
export async function readAuthorityFiles(
  directory: string,
  logger: Logger,
): Promise<PkiResult<AuthorityFiles | null>> {
  const { certificateFile, keyFile } = paths(directory);
  let certificatesPem: string | null;
  let keysPem: string | null;
  try {
    certificatesPem = await readIfPresent(certificateFile);
    keysPem = await readIfPresent(keyFile);
    if (keysPem !== null && (await makePrivate(keyFile))) {
      logger.warn({ file: keyFile }, 'others could read the key of the authority; now only its owner can');
    }
  } catch (error) {
    const message = `Cannot read the certificate authority in ${directory} (${systemCode(error)}). Check the rights of ca.pem and ca.key.`;
    return pkiFailure('PKI_CA_UNREADABLE', message);
  }
  if (certificatesPem === null && keysPem === null) return { ok: true, value: null };
  if (certificatesPem === null || keysPem === null) {
    const [present, missing] = keysPem === null ? [certificateFile, keyFile] : [keyFile, certificateFile];
    const message = `${present} is there, but ${missing} is not. Restore it from a backup; or, if no client was ever given a certificate, delete ${present} and start again.`;
    return pkiFailure('PKI_CA_INCOMPLETE', message);
  }
  return { ok: true, value: { certificatesPem, keysPem } };
}

/** Whether the master key is needed to read them. */
export function needsMasterKey(files: AuthorityFiles): boolean {
  return isEncryptedKey(files.keysPem);
}

/**
 * The authorities of such files, in their order. Codes: PKI_CA_INVALID, PKI_CA_MISMATCH, PKI_MASTER_KEY_WRONG.
 *
 * @param directory for messages
 */
export function authoritiesOfFiles(
  { certificatesPem, keysPem }: AuthorityFiles,
  masterKey: MasterKey,
  directory: string,
): PkiResult<readonly CertificateAuthority[]> {
  const certificates = pemBlocks(certificatesPem, 'CERTIFICATE');
  const keys = pemBlocks(keysPem, '(?:ENCRYPTED |EC )?PRIVATE KEY');
  const authorities: CertificateAuthority[] = [];
  if (certificates.length === 0) return invalid(directory, 'ca.pem is no CA certificate');
  for (const [at, certificatePem] of certificates.entries()) {
    const certificate = parseCertificate(certificatePem);
    if (certificate?.ca !== true) return invalid(directory, 'ca.pem is no CA certificate');
    const keyPem = keys[at] ?? '';
    const key = isEncryptedKey(keyPem) ? masterKey.decrypt(keyPem) : parsePrivateKey(keyPem);
    if (key === null && isEncryptedKey(keyPem)) return wrongMasterKey(masterKey);
    if (key?.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
      return invalid(directory, 'ca.key is no P-256 private key');
    }
    if (!certificate.checkPrivateKey(key)) {
      const message = `In ${directory}, ca.key is not the key of ca.pem. Restore both files from one backup.`;
      return pkiFailure('PKI_CA_MISMATCH', message);
    }
    authorities.push(new CertificateAuthority(certificatePem, key));
  }
  return { ok: true, value: authorities };
}

/** Writes both files if they differ; the key first, as a certificate without it would look like a lost key. Code: PKI_UNWRITABLE. */
export async function writeAuthorityFiles(
  directory: string,
  { certificatesPem, keysPem }: AuthorityFiles,
): Promise<PkiResult<void>> {
  const { certificateFile, keyFile } = paths(directory);
  try {
    if ((await readIfPresent(keyFile)) !== keysPem) await writeAtomically(keyFile, keysPem, 0o600);
    if ((await readIfPresent(certificateFile)) !== certificatesPem) {
      await writeAtomically(certificateFile, certificatesPem, 0o644);
    }
    return { ok: true, value: undefined };
  } catch (error) {
    const message = `Cannot write the certificate authority to ${directory} (${systemCode(error)}). Check that the folder is writable and the disk not full.`;
    return pkiFailure('PKI_UNWRITABLE', message);
  }
}

/** The master key does not open what was encrypted. */
export function wrongMasterKey(masterKey: MasterKey): ReturnType<typeof pkiFailure> {
  const place = masterKey.file ?? 'the environment';
  const message = `The master key of ${place} does not open the key of the certificate authority. Give the server the master key it was started with first.`;
  return pkiFailure('PKI_MASTER_KEY_WRONG', message);
}

function paths(directory: string): { readonly certificateFile: string; readonly keyFile: string } {
  return { certificateFile: join(directory, 'ca.pem'), keyFile: join(directory, 'ca.key') };
}

function invalid(directory: string, culprit: string): ReturnType<typeof pkiFailure> {
  return pkiFailure('PKI_CA_INVALID', `In ${directory}, ${culprit}. Restore both files from one backup.`);
}
