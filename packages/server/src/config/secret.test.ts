import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from './secret.js';

test('a secret is shown by none of the ways in which values reach a log', () => {
  const value = { password: new Secret('swordfish') };
  const shown = [
    JSON.stringify(value),
    inspect(value, { depth: 9, showHidden: true }),
    String(value.password),
  ];
  expect(shown.join()).not.toContain('swordfish');
  expect(Object.entries(value.password)).toEqual([]);
  expect(value.password.reveal()).toBe('swordfish');
});
