import {
  createCipheriv,
  createPrivateKey,
  randomBytes,
  scrypt,
  type KeyObject,
  type ScryptOptions,
} from 'node:crypto';

/** OpenSSL's own choice for scrypt, 16 MB: the work of one guess at the passphrase. */
const cost = { N: 16_384, r: 8, p: 1 } as const;
const saltBytes = 16;
const keyBytes = 32;

/**
 * A private key as PEM block "ENCRYPTED PRIVATE KEY": PKCS #8 (RFC 5958) with PBES2 (RFC 8018), AES-256-CBC under a
 * key that scrypt (RFC 7914) derives of the passphrase. `openssl pkey -in FILE -passin file:PASSPHRASE` reads it.
 */
export async function encryptPrivateKey(key: KeyObject, passphrase: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const iv = randomBytes(16);
  const derived = await deriveKey(passphrase, salt, keyBytes);
  const cipher = createCipheriv('aes-256-cbc', derived, iv);
  const plain = key.export({ type: 'pkcs8', format: 'der' });
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  const derivation = sequence(
    oid('06092b06010401da47040b'),
    sequence(octets(salt), integer(cost.N), integer(cost.r), integer(cost.p), integer(keyBytes)),
  );
  const encryption = sequence(oid('060960864801650304012a'), octets(iv));
  const scheme = sequence(oid('06092a864886f70d01050d'), sequence(derivation, encryption));
  return pemBlock('ENCRYPTED PRIVATE KEY', sequence(scheme, octets(encrypted)));
}

/** The key of such a PEM; null if the passphrase is wrong or it is none. */
export function decryptPrivateKey(pem: string, passphrase: string): KeyObject | null {
  try {
    return createPrivateKey({ key: pem, passphrase });
  } catch {
    return null;
  }
}

/** Whether a PEM text holds a private key that only a passphrase opens. */
export function isEncryptedKey(pem: string): boolean {
  return /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem);
}

/** scrypt with the cost above. */
export function deriveKey(passphrase: string, salt: Uint8Array, length: number): Promise<Buffer> {
  const options: ScryptOptions = cost;
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, length, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/** DER (X.690 §8.9): what follows, as one. */
function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function octets(bytes: Buffer): Buffer {
  return tagged(0x04, bytes);
}

/** A positive integer below 2^31. */
function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  let start = 0;
  // As short as possible, with a zero bit in front (X.690 §8.3).
  while (start < 3 && bytes.readUInt8(start) === 0 && bytes.readUInt8(start + 1) < 0x80) start += 1;
  return tagged(0x02, bytes.subarray(start));
}

/** Hex of an encoded object identifier. */
function oid(encoded: string): Buffer {
  return Buffer.from(encoded, 'hex');
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const header =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...header]), content]);
}

function pemBlock(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
