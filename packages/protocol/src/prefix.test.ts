import { describe, expect, it } from 'vitest';
import { formatAddress } from './address.js';
import {
  enclosingPrefix,
  formatPrefix,
  hostPrefix,
  lastAddress,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  prefixSize,
} from './prefix.js';
import { ip, net } from './testing/parse.js';

describe('parsePrefix', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['192.0.2.1/32', '192.0.2.1/32'],
    ['192.0.2.1', '192.0.2.1/32'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['::/0', '::/0'],
    ['::1', '::1/128'],
  ])('takes %s', (text, canonical) => {
    expect(formatPrefix(net(text))).toBe(canonical);
  });

  it.each([
    ['10.0.0.1/8', 'PREFIX_HOST_BITS_SET'],
    ['1.0.0.0/0', 'PREFIX_HOST_BITS_SET'],
    ['2001:db8::1/32', 'PREFIX_HOST_BITS_SET'],
    ['10.0.0.0/33', 'PREFIX_LENGTH_INVALID'],
    ['::/129', 'PREFIX_LENGTH_INVALID'],
    ['10.0.0.0/', 'PREFIX_INVALID'],
    ['10.0.0.0/08', 'PREFIX_INVALID'],
    ['10.0.0.0/+8', 'PREFIX_INVALID'],
    ['10.0.0.0/8/8', 'PREFIX_INVALID'],
    ['10.0.0/8', 'ADDRESS_INVALID'],
  ])('refuses %s with %s (CIP-702, CIP-703)', (text, code) => {
    expect(parsePrefix(text)).toMatchObject({ ok: false, error: { code } });
  });

  it('says which prefix was probably meant', () => {
    expect(parsePrefix('10.1.2.3/8')).toMatchObject({
      error: { message: expect.stringContaining('10.0.0.0/8') as string },
    });
  });
});

describe('prefixes as sets', () => {
  it('end where they should at /0 and at host length, without shift wrap', () => {
    expect(formatAddress(lastAddress(net('0.0.0.0/0')))).toBe('255.255.255.255');
    expect(formatAddress(lastAddress(net('10.0.0.1/32')))).toBe('10.0.0.1');
    expect(formatAddress(lastAddress(net('2001:db8::/64')))).toBe('2001:db8::ffff:ffff:ffff:ffff');
    expect(prefixSize(net('::/0'))).toBe(1n << 128n);
    expect(prefixSize(hostPrefix(ip('10.0.0.1')))).toBe(1n);
  });

  it('contain their own family only', () => {
    expect(prefixContains(net('10.0.0.0/8'), ip('10.255.255.255'))).toBe(true);
    expect(prefixContains(net('10.0.0.0/8'), ip('11.0.0.0'))).toBe(false);
    expect(prefixContains(net('0.0.0.0/0'), ip('::'))).toBe(false);
  });

  it('overlap if and only if one contains the other', () => {
    expect(prefixesOverlap(net('10.0.0.0/8'), net('10.1.0.0/16'))).toBe(true);
    expect(prefixesOverlap(net('10.1.0.0/16'), net('10.0.0.0/8'))).toBe(true);
    expect(prefixesOverlap(net('10.0.0.0/16'), net('10.1.0.0/16'))).toBe(false);
    expect(prefixesOverlap(net('0.0.0.0/0'), net('::/0'))).toBe(false);
  });

  it('can be drawn around an address', () => {
    expect(formatPrefix(enclosingPrefix(ip('10.1.2.3'), 16))).toBe('10.1.0.0/16');
    expect(() => enclosingPrefix(ip('10.1.2.3'), 33)).toThrow(RangeError);
  });
});
