import { describe, expect, it } from 'vitest';
import { facts, table } from './table.js';
import { bitRate, bytes, duration, instant } from './units.js';

describe('units', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [9994, '9.99 kB'],
    [9996, '10.0 kB'],
    [99_960, '100 kB'],
    [999_600, '1.00 MB'],
    [12_345_678, '12.3 MB'],
    [5e18, '5000 PB'],
  ])('%d bytes are %s', (count, text) => {
    expect(bytes(count)).toBe(text);
  });

  it('rates are bits a second', () => {
    expect(bitRate(1_500_000)).toBe('1.50 Mbit/s');
  });

  it.each([
    [-5, '0 s'],
    [999, '0 s'],
    [65_000, '1 min 5 s'],
    [3_600_000, '1 h'],
    [90_061_000, '1 d 1 h'],
  ])('%d ms are %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('instants are UTC', () => {
    expect(instant(0)).toBe('1970-01-01 00:00:00 UTC');
  });
});

describe('tables', () => {
  it('align columns and end lines without spaces', () => {
    expect(table(['a', 'long'], [['xyz', 'b']])).toBe('A    LONG\nxyz  b\n');
    expect(
      facts([
        ['a', '1'],
        ['bcd', '2'],
      ]),
    ).toBe('a    1\nbcd  2\n');
  });
});
