import { createHash, randomBytes } from 'node:crypto';

/** What is shown once, and what is stored of it. */
export interface Secret {
  /** 256 random bits in base64url behind the prefix. */
  readonly text: string;
  /** SHA-256 of the text, lower-case hex: enough to recognise it, not to make it. */
  readonly sha256: string;
}

/** A new one. The prefix lets people, and programs that search for leaked secrets, see what it is. */
export function newSecret(prefix: string): Secret {
  const text = prefix + randomBytes(32).toString('base64url');
  return { text, sha256: sha256Of(text) };
}

/** How a secret is found in the store. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
