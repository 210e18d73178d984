import { expect, test } from 'vitest';
import { ratesOf } from './rates.js';

test('rates are what was moved in a second', () => {
  const readings = [
    { atMs: 0, value: 100 },
    { atMs: 2_000, value: 300 },
    { atMs: 2_500, value: 400 },
  ];
  expect(ratesOf(readings)).toEqual([
    { atMs: 2_000, value: 100 },
    { atMs: 2_500, value: 200 },
  ]);
});

test('a counter that began anew, or two readings of one moment, make no nonsense', () => {
  const readings = [
    { atMs: 0, value: 100 },
    { atMs: 1_000, value: 5 },
    { atMs: 1_000, value: 9 },
  ];
  expect(ratesOf(readings)).toEqual([{ atMs: 1_000, value: 0 }]);
  expect(ratesOf([])).toEqual([]);
});
