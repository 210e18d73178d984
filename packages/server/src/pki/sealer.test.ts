import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSealer } from './sealer.js';

const key = createSecretKey(randomBytes(32));

describe('a sealer', () => {
  it('opens what it sealed', () => {
    const sealer = createSealer(key);
    for (const text of ['', 'JBSWY3DPEHPK3PXP', 'Geheimnis ✓']) {
      expect(sealer.open(sealer.seal(text))).toEqual({ ok: true, value: text });
    }
  });

  it('shows neither the text nor that two texts are equal', () => {
    const sealer = createSealer(key);
    expect(sealer.seal('secret')).not.toBe(sealer.seal('secret'));
    expect(Buffer.from(sealer.seal('secret').slice(3), 'base64url').includes('secret')).toBe(false);
  });

  it.each([
    ['of another key', createSealer(createSecretKey(randomBytes(32))).seal('secret')],
    ['with a changed bit', flipped(createSealer(key).seal('secret'))],
    ['cut short', createSealer(key).seal('secret').slice(0, 12)],
    ['without its form', createSealer(key).seal('secret').slice(3)],
    ['empty', ''],
  ])('refuses what is %s (PKI_SEAL_BROKEN)', (_what, sealed) => {
    expect(createSealer(key).open(sealed)).toMatchObject({ ok: false, error: { code: 'PKI_SEAL_BROKEN' } });
  });
});

function flipped(sealed: string): string {
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  bytes.writeUInt8(bytes.readUInt8(14) ^ 1, 14);
  return `v1.${bytes.toString('base64url')}`;
}
