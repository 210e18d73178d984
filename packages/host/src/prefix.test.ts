import { expect, test } from 'vitest';

import { canonicalPrefix, parsePrefix } from './prefix.js';

test.each([
  ['10.0.0.1/8', { family: 4, address: '10.0.0.1', length: 8 }],
  ['10.0.0.1', { family: 4, address: '10.0.0.1', length: 32 }],
  ['2001:DB8:0:0::1/64', { family: 6, address: '2001:db8::1', length: 64 }],
  ['::/0', { family: 6, address: '::', length: 0 }],
])('reads %s', (text, parsed) => {
  expect(parsePrefix(text)).toEqual(parsed);
});

test.each([
  '',
  'default',
  '10.0.0.1/33',
  '10.0.0.1/08',
  '::/129',
  '10.0.0/8',
  'fe80::1%eth0/64',
  '1.2.3.4/8 x',
])('refuses "%s"', (text) => {
  expect(parsePrefix(text)).toBeNull();
});

test('spells prefixes as the kernel does', () => {
  expect(canonicalPrefix('2001:0DB8::0:1')).toBe('2001:db8::1/128');
});
