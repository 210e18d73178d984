import { describe, expect, test } from 'vitest';
import { formatOf } from './format.js';

/** Spaces of all kinds as one, since languages choose theirs. */
const plain = (text: string): string => text.replace(/\s/gu, ' ');
const english = formatOf('en');

test.each([
  [0, '0 byte'],
  [999, '999 byte'],
  [1_000, '1 kB'],
  [1_234_567, '1.2 MB'],
  [123_456_789, '123 MB'],
  [5e15, '5 PB'],
  [5e19, '50,000 PB'],
])('%d octets are %s', (octets, text) => {
  expect(plain(english.bytes(octets))).toBe(text);
});

test.each([
  [0, '0 bit/s'],
  [125, '1 kb/s'],
  [1_250_000, '10 Mb/s'],
])('%d octets in a second are %s', (octets, text) => {
  expect(plain(english.rate(octets))).toBe(text);
});

describe('distances', () => {
  const now = Date.UTC(2026, 0, 10);
  test.each([
    [now, 'now'],
    [now - 400, 'now'],
    [now - 59_000, '59 seconds ago'],
    [now - 3 * 3_600_000, '3 hours ago'],
    [now - 26 * 3_600_000, 'yesterday'],
    [now + 40 * 86_400_000, 'next month'],
  ])('%d', (atMs, text) => {
    expect(english.distance(atMs, now)).toBe(text);
  });
});

test.each([
  [0, '0 sec'],
  [61_000, '1 min 1 sec'],
  [3_600_000, '1 hr'],
  [90_061_000, '1 day 1 hr'],
])('a span of %d ms is %s', (ms, text) => {
  expect(plain(english.duration(ms))).toBe(text);
});

test('other languages have their own', () => {
  expect(formatOf('zh').distance(0, 3 * 3_600_000)).toBe('3小时前');
});
