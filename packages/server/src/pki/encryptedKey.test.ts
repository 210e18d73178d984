import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { decryptPrivateKey, encryptPrivateKey, isEncryptedKey } from './encryptedKey.js';
import { generateKeys, privateKeyPem } from './keys.js';

describe('an encrypted private key', () => {
  it('is opened with its passphrase and with no other', async () => {
    const { privateKey } = generateKeys();
    const pem = await encryptPrivateKey(privateKey, 'correct horse battery staple');
    expect(isEncryptedKey(pem)).toBe(true);
    expect(isEncryptedKey(privateKeyPem(privateKey))).toBe(false);
    const opened = decryptPrivateKey(pem, 'correct horse battery staple');
    expect(opened === null ? null : privateKeyPem(opened)).toBe(privateKeyPem(privateKey));
    expect(decryptPrivateKey(pem, 'correct horse battery stable')).toBeNull();
    expect(decryptPrivateKey('nothing', '')).toBeNull();
  });

  it('is another text each time', async () => {
    const { privateKey } = generateKeys();
    const twice = [await encryptPrivateKey(privateKey, 'a'), await encryptPrivateKey(privateKey, 'a')];
    expect(new Set(twice).size).toBe(2);
  });

  it('is read by openssl, as scrypt with AES-256', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'masque-vpn-key-'));
    try {
      const { privateKey } = generateKeys();
      const file = join(folder, 'ca.key');
      await writeFile(file, await encryptPrivateKey(privateKey, 'geheim ✓'));
      await writeFile(join(folder, 'passphrase'), 'geheim ✓\n');
      const openssl = promisify(execFile);
      const from = ['-in', file, '-passin', `file:${join(folder, 'passphrase')}`];
      expect((await openssl('openssl', ['pkey', ...from])).stdout).toBe(privateKeyPem(privateKey));
      const parsed = await openssl('openssl', ['asn1parse', '-in', file]);
      expect(parsed.stdout).toMatch(/:PBES2[^]*:scrypt[^]*INTEGER +:4000[^]*:aes-256-cbc/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
