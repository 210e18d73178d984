import { expect, test } from 'vitest';
import { axisEnd, daysBetween, rangeOf } from './bars.js';

test('days without traffic are there, and empty', () => {
  const known = [{ day: '2026-03-01', bytesIn: 1, bytesOut: 2, sessions: 3 }];
  expect(daysBetween('2026-02-28', '2026-03-02', known).map(({ day, bytesIn }) => [day, bytesIn])).toEqual([
    ['2026-02-28', 0],
    ['2026-03-01', 1],
    ['2026-03-02', 0],
  ]);
});

test.each([
  [0, 1],
  [1, 1],
  [1.2, 2],
  [430, 500],
  [999, 1_000],
])('an axis for %d ends at %d', (most, end) => {
  expect(axisEnd(most)).toBe(end);
});

const now = Date.parse('2026-05-10T12:00:00Z');

test('without days in the address it is the last month, today included', () => {
  expect(rangeOf('', '', now, 31)).toEqual({ from: '2026-04-10', to: '2026-05-10' });
  expect(rangeOf('nonsense', '2026-13-45', now, 31)).toEqual({ from: '2026-04-10', to: '2026-05-10' });
});

test('days that were turned round are put right', () => {
  expect(rangeOf('2026-02-05', '2026-02-01', now, 31)).toEqual({ from: '2026-02-01', to: '2026-02-05' });
});
