import { expect, test } from 'vitest';
import { certificateQueryOf, fingerprintFrom, noFilters, stateOf } from './filters.js';

const certificate = { notBeforeMs: 1_000, notAfterMs: 2_000, revokedAtMs: null };

test('certificates that are of no use any more are shown only when asked for', () => {
  expect(certificateQueryOf(noFilters)).toEqual({ usable: 'true' });
  expect(certificateQueryOf({ client: 'alice', show: 'all', origin: 'imported' })).toEqual({
    client: 'alice',
    origin: 'imported',
  });
});

test.each([
  [500, 'early'],
  [1_500, 'usable'],
  [1_900, 'soon'],
  [2_000, 'expired'],
] as const)('at %d it is %s', (now, state) => {
  expect(stateOf(certificate, now)).toBe(state);
});

test('revoked stays revoked, expired or not', () => {
  expect(stateOf({ ...certificate, revokedAtMs: 1_200 }, 3_000)).toBe('revoked');
});

test('fingerprints are taken as programs print them', () => {
  const hex = 'ab'.repeat(32);
  expect(fingerprintFrom(`${'AB:'.repeat(31)}AB`)).toBe(hex);
  expect(fingerprintFrom(` ${hex.slice(0, 32)} ${hex.slice(32)} `)).toBe(hex);
  expect(fingerprintFrom('ab')).toBeNull();
});
