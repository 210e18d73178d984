import { expect, test } from 'vitest';
import type { Token } from './queries.js';
import { expiryOf, stateOf } from './tokenState.js';

const token: Token = {
  id: '01a204fe-0c9b-704e-ac6c-fe77a616b50c',
  name: 'inventory',
  permissions: ['clients:read'],
  createdAtMs: 0,
  expiresAtMs: 1_000,
  lastUsedAtMs: null,
  revokedAtMs: null,
};

test('a token that is revoked and expired is revoked', () => {
  expect(stateOf({ ...token, revokedAtMs: 5 }, 2_000)).toBe('revoked');
});

test('a token ends in the millisecond that it names', () => {
  expect(stateOf(token, 999)).toBe('unused');
  expect(stateOf(token, 1_000)).toBe('expired');
  expect(stateOf({ ...token, expiresAtMs: null, lastUsedAtMs: 3 }, 1_000)).toBe('usable');
});

test('lifetimes are days from now', () => {
  expect(expiryOf('30', 1_000)).toBe(2_592_001_000);
  expect(expiryOf('never', 1_000)).toBeNull();
});
