import { join } from 'node:path';
import { generateKeys, parsePrivateKey, privateKeyPem } from '../keys.js';
import type { OwnCertificateFiles } from '../ownCertificate.js';
import { readIfPresent, writeAtomically } from '../privateFile.js';

/** Key and certificate in one file, so that no crash leaves a pair that does not fit. */
export function acmeCertificateFiles(stateDirectory: string): OwnCertificateFiles {
  const file = join(stateDirectory, 'acme.pem');
  return { certificate: file, key: file };
}

/** The account's key, made when there is none. Throws the system's error. */
export async function ensureAccountKey(stateDirectory: string): Promise<string> {
  const file = join(stateDirectory, 'acme-account.key');
  const kept = await readIfPresent(file);
  if (kept !== null && parsePrivateKey(kept) !== null) return kept;
  const made = privateKeyPem(generateKeys().privateKey);
  await writeAtomically(file, made, 0o600);
  return made;
}
