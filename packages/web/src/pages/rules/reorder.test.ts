import { expect, test } from 'vitest';
import { dropIndex, giveWay, scrollSpeed } from './reorder.js';

const rows = [
  { top: 0, height: 40 },
  { top: 40, height: 100 },
  { top: 140, height: 40 },
];

test.each([
  [0, 0, 0],
  [0, 69, 0],
  [0, 71, 1],
  [0, 145, 2],
  [0, 9_999, 2],
  [2, -69, 2],
  [2, -71, 1],
  [2, -9_999, 0],
  [1, 71, 2],
  [1, -71, 0],
  [9, 10, 9],
])('row %s dropped %s px further is at %s', (from, distance, to) => {
  expect(dropIndex(rows, from, distance)).toBe(to);
});

test('rows between where it was and where it goes give way', () => {
  expect([0, 1, 2, 3].map((index) => giveWay(index, 0, 2, 10))).toEqual([0, -10, -10, 0]);
  expect([0, 1, 2, 3].map((index) => giveWay(index, 3, 1, 10))).toEqual([0, 10, 10, 0]);
});

test('the page scrolls near its edges only, faster the nearer', () => {
  expect([0, 36, 400, 764, 800, 900].map((y) => scrollSpeed(y, 800))).toEqual([-14, -7, 0, 7, 14, 14]);
});
