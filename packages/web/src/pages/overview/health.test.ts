import { expect, test } from 'vitest';
import { certificateTone, shareTone } from './health.js';

const day = 86_400_000;

test.each([
  [8 * day, 'good'],
  [7 * day - 1, 'warn'],
  [day, 'warn'],
  [day - 1, 'bad'],
  [-1, 'bad'],
] as const)('a certificate with %d ms left is %s', (left, tone) => {
  expect(certificateTone(1_000 + left, 1_000)).toBe(tone);
});

test.each([
  [0, 'good'],
  [0.79, 'good'],
  [0.8, 'warn'],
  [0.95, 'bad'],
  [1, 'bad'],
] as const)('a share of %d is %s', (share, tone) => {
  expect(shareTone(share)).toBe(tone);
});
