import { expect, test } from 'vitest';
import { summarize, timeLabels } from './timeAxis.js';

const at = new Date(2026, 1, 3, 14, 5, 9).getTime();

test('tells seconds within minutes, minutes within a day, and days beyond', () => {
  expect(timeLabels('en-GB', 120_000)(at)).toBe('14:05:09');
  expect(timeLabels('en-GB', 6 * 3_600_000)(at)).toBe('14:05');
  expect(timeLabels('en-GB', 7 * 86_400_000)(at)).toBe('3 Feb');
});

test('sums a series up by its latest and its highest, leaving out what is not known', () => {
  expect(summarize([3, null, 7, 2, null])).toEqual({ latest: 2, highest: 7 });
  expect(summarize([null])).toEqual({ latest: null, highest: null });
  expect(summarize([])).toEqual({ latest: null, highest: null });
});
