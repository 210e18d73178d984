import { expect, test } from 'vitest';
import { matchTotp, newTotpSecret, totpCode, totpStep, totpUri } from './totp.js';

/** "12345678901234567890", the secret of RFC 6238 appendix B. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const seconds = 1_000;

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('the code at %i s is %s (RFC 6238 appendix B)', (at, code) => {
  expect(totpCode(secret, totpStep(at * seconds))).toBe(code);
});

test.each([-2, -1, 0, 1, 2])('a clock %i steps off is taken when it is one at most', (steps) => {
  const now = 1_111_111_111 * seconds;
  const step = totpStep(now) + steps;
  const code = totpCode(secret, step);
  expect(matchTotp(secret, code, now, null)).toBe(Math.abs(steps) <= 1 ? step : null);
});

test('a code is not taken a second time, nor one before it (RFC 6238 §5.2)', () => {
  const now = 1_234_567_890 * seconds;
  const step = totpStep(now);
  const code = totpCode(secret, step);
  expect(matchTotp(secret, code, now, step - 1)).toBe(step);
  expect(matchTotp(secret, code, now, step)).toBeNull();
  expect(matchTotp(secret, totpCode(secret, step - 1), now, step)).toBeNull();
});

test.each(['', '12345', '1234567', 'abcdef', '１２３４５６', '287082 '])('%j is no code', (code) => {
  expect(matchTotp(secret, code, 59 * seconds, null)).toBeNull();
});

test('a new secret has 160 bits and makes codes', () => {
  const fresh = newTotpSecret();
  expect(fresh).toMatch(/^[A-Z2-7]{32}$/);
  expect(newTotpSecret()).not.toBe(fresh);
  expect(totpCode(fresh, 1)).toMatch(/^\d{6}$/);
});

test('the link for authenticator apps names issuer and account', () => {
  expect(totpUri(secret, 'masque-vpn', 'ann@example.org')).toBe(
    `otpauth://totp/masque-vpn:ann%40example.org?secret=${secret}&issuer=masque-vpn&digits=6&period=30`,
  );
});
