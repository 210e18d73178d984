import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';
import { pkiFailure, type PkiResult } from './pkiError.js';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
/** Tells sealed texts of other keys or forms apart from these. */
const form = 'v1.';

/**
 * Encrypts what has to be read again, as the secret of a second factor, before it goes into the database: whoever has
 * only the database, or a backup of it, reads nothing.
 */
export interface Sealer {
  /** AES-256-GCM of the UTF-8 text, printable ASCII; twice the same text gives two different results. */
  seal(text: string): string;
  /** The text. Code: PKI_SEAL_BROKEN when it was sealed with another key, or changed. */
  open(sealed: string): PkiResult<string>;
}

/**
 * A sealer.
 *
 * @param key 256 bits, used for nothing else.
 */
export function createSealer(key: KeyObject): Sealer {
  return {
    seal(text) {
      const nonce = randomBytes(nonceBytes);
      const encryption = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes });
      const sealed = [nonce, encryption.update(text, 'utf8'), encryption.final(), encryption.getAuthTag()];
      return form + Buffer.concat(sealed).toString('base64url');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed.slice(form.length), 'base64url');
      if (!sealed.startsWith(form) || bytes.length < nonceBytes + tagBytes) return broken();
      const decryption = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      });
      decryption.setAuthTag(bytes.subarray(-tagBytes));
      try {
        const text = Buffer.concat([
          decryption.update(bytes.subarray(nonceBytes, -tagBytes)),
          decryption.final(),
        ]);
        return { ok: true, value: text.toString('utf8') };
      } catch {
        return broken();
      }
    },
  };
}

function broken(): ReturnType<typeof pkiFailure> {
  const message =
    'A secret of the database was sealed with another master key. Give the server the key it was sealed with.';
  return pkiFailure('PKI_SEAL_BROKEN', message);
}
