import { describe, expect, it } from 'vitest';
import {
  addressFromBytes,
  addressToBytes,
  compareAddresses,
  formatAddress,
  ipAddress,
  parseAddress,
} from './address.js';
import { classifyAddress, isAssignable } from './addressClass.js';
import { ip } from './testing/parse.js';

describe('parseAddress', () => {
  it.each([
    ['192.0.2.1', 4, 0xc0000201n],
    ['0.0.0.0', 4, 0n],
    ['255.255.255.255', 4, 0xffffffffn],
    ['::', 6, 0n],
    ['::1', 6, 1n],
    ['2001:db8::a', 6, (0x20010db8n << 96n) | 0xan],
    ['2001:0DB8:0:0:0:0:0:A', 6, (0x20010db8n << 96n) | 0xan],
    ['1:2:3:4:5:6:7::', 6, 0x00010002000300040005000600070000n],
    ['::2:3:4:5:6:7:8', 6, 0x00000002000300040005000600070008n],
    ['::ffff:192.0.2.1', 6, 0xffffc0000201n],
    ['64:ff9b::192.0.2.33', 6, (0x64ff9bn << 96n) | 0xc0000221n],
  ] as const)('takes %s', (text, family, value) => {
    expect(parseAddress(text)).toEqual({ ok: true, value: { family, value } });
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2.3.+4',
    '1.2.3.0x4',
    '16909060',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    ':1:2:3:4:5:6:7:8',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '[::1]',
    '::1.2.3',
    '::1.2.3.4:5',
    '1.2.3.4::',
    '1:2:3:4:5:6:7:1.2.3.4',
  ])('refuses "%s"', (text) => {
    expect(parseAddress(text)).toMatchObject({ ok: false, error: { code: 'ADDRESS_INVALID' } });
  });
});

describe('formatAddress writes RFC 5952', () => {
  it.each([
    ['2001:DB8:0:0:0:0:0:A', '2001:db8::a'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['::ffff:c000:0201', '::ffff:192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
  ])('%s as %s', (text, canonical) => {
    expect(formatAddress(ip(text))).toBe(canonical);
  });
});

describe('addresses as values', () => {
  it('come back from their bytes', () => {
    for (const text of ['192.0.2.1', '2001:db8::a'])
      expect(addressFromBytes(addressToBytes(ip(text)))).toEqual(ip(text));
    expect(addressToBytes(ip('192.0.2.1'))).toEqual(Uint8Array.of(192, 0, 2, 1));
  });

  it('are ordered by family, then as unsigned numbers (CIP-801)', () => {
    const sorted = ['10.0.0.1', '10.0.0.2', '200.0.0.0', '::', 'ff00::'].map(ip);
    expect(sorted.toReversed().toSorted(compareAddresses)).toEqual(sorted);
  });

  it('cannot be made of a number that does not fit', () => {
    expect(() => ipAddress(4, 1n << 32n)).toThrow(RangeError);
    expect(() => ipAddress(6, -1n)).toThrow(RangeError);
  });
});

describe('classifyAddress (CIP-716, CIP-1014)', () => {
  it.each([
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'reserved'],
    ['127.0.0.1', 'loopback'],
    ['169.254.1.1', 'linkLocal'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'global'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['8.8.8.8', 'global'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::ffff:10.0.0.1', 'ipv4Mapped'],
    ['fe80::1', 'linkLocal'],
    ['febf::1', 'linkLocal'],
    ['ff02::1', 'multicast'],
    ['fd00::1', 'private'],
    ['2001:db8::1', 'global'],
  ] as const)('%s is %s', (text, expected) => {
    expect(classifyAddress(ip(text))).toBe(expected);
    expect(isAssignable(ip(text))).toBe(expected === 'private' || expected === 'global');
  });
});
