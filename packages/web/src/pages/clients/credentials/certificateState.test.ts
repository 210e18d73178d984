import { expect, test } from 'vitest';
import { certificateState } from './certificateState.js';

const certificate = { notBeforeMs: 10, notAfterMs: 20, revokedAtMs: null };

test('a certificate is usable from its first to its last moment', () => {
  expect(certificateState(certificate, 9)).toBe('early');
  expect(certificateState(certificate, 10)).toBe('usable');
  expect(certificateState(certificate, 20)).toBe('usable');
  expect(certificateState(certificate, 21)).toBe('expired');
});

test('one that was revoked is that, whatever its time', () => {
  expect(certificateState({ ...certificate, revokedAtMs: 5 }, 30)).toBe('revoked');
});
