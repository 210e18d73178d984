import { expect, test } from 'vitest';
import {
  formatAddress,
  formatPrefix,
  isDnsName,
  parseAddress,
  parsePrefix,
  parsePrefixList,
} from './address.js';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['255.255.255.255', '255.255.255.255'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['1:0:3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
  ['::ffff:192.0.2.1', '::ffff:c000:201'],
])('%s is the address %s', (text, canonical) => {
  const address = parseAddress(text);
  expect(address === null ? null : formatAddress(address)).toBe(canonical);
});

test.each([
  '',
  '1.2.3',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.4.5',
  '1:2',
  '1:::2',
  '1::2::3',
  ':1',
  'fe80::1%eth0',
  '12345::',
  '1:2:3:4:5:6:7:8::',
])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeNull();
});

test('an address alone is the prefix of one host', () => {
  expect(parsePrefix('192.0.2.1')).toMatchObject({ length: 32 });
  expect(parsePrefix('2001:db8::1')).toMatchObject({ length: 128 });
});

test('bits below the length are a mistake with a suggestion', () => {
  expect(parsePrefix('10.20.1.5/16')).toEqual({ code: 'hostBits', network: '10.20.0.0/16' });
  expect(parsePrefix('2001:db8:1::/32')).toEqual({ code: 'hostBits', network: '2001:db8::/32' });
});

test.each(['10.0.0.0/', '10.0.0.0/08', '10.0.0.0/8/8', 'ten/8', '/8'])('%j is no prefix', (text) => {
  expect(parsePrefix(text)).toEqual({ code: 'notAPrefix' });
});

test('a length beyond the family is named', () => {
  expect(parsePrefix('10.0.0.0/33')).toEqual({ code: 'lengthTooLong', most: 32 });
});

test('everything is a prefix as well', () => {
  const prefix = parsePrefix('0.0.0.0/0');
  expect('code' in prefix ? prefix : formatPrefix(prefix)).toBe('0.0.0.0/0');
});

test('a list may be separated by anything, and has each once', () => {
  expect(parsePrefixList(' 10.0.0.0/8, 192.0.2.1\n10.0.0.0/8;2001:db8::/32，')).toEqual({
    ok: true,
    prefixes: ['10.0.0.0/8', '192.0.2.1/32', '2001:db8::/32'],
  });
  expect(parsePrefixList('10.0.0.0/8 nonsense')).toEqual({
    ...{ ok: false, text: 'nonsense', mistake: { code: 'notAPrefix' } },
  });
});

test.each([
  ['files.example.org', true],
  ['_dmarc.example.org', true],
  ['localhost', true],
  ['10.0.0.1', false],
  ['a..b', false],
  ['-a.example', false],
  ['example.org.', false],
  ['12345', false],
  [`${'a'.repeat(64)}.example`, false],
])('%s as a name: %s', (text, is) => {
  expect(isDnsName(text)).toBe(is);
});
