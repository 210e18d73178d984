import { expect, it } from 'vitest';
import { flatness } from './verdict.mjs';

/** @param {(minute: number) => number} value */
const minutes = (value) => Array.from({ length: 31 }, (_, at) => ({ seconds: at * 60, value: value(at) }));

it('forgives growth in the first fifth', () => {
  expect(flatness(minutes((at) => Math.min(100, 50 + at * 10)))).toMatchObject({ flat: true, growth: 1 });
});

it('finds a leak that never ends, and how fast it is', () => {
  const leak = flatness(minutes((at) => 100 + at));
  expect(leak.flat).toBe(false);
  expect(leak.slopePerMinute).toBeCloseTo(1);
});

it('does not mind a single high sample', () => {
  expect(flatness(minutes((at) => (at === 29 ? 400 : 100))).flat).toBe(true);
});
