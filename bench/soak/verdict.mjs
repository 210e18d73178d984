import { median } from '../report/statistics.mjs';

/** Growth from the second fifth of a soak to its last that still counts as flat. */
const flatWithin = 1.05;

/** @typedef {{ readonly seconds: number, readonly value: number }} Point */

/**
 * Whether memory stayed flat. The rule: the median of the last fifth of the time is at most 5 % above that of the second fifth; the first
 * fifth is for caches and heaps to find their size. The slope is that of a straight line through the second half.
 * @param {readonly Point[]} points in order of time
 * @returns {{ second: number, last: number, growth: number, slopePerMinute: number, flat: boolean }} `growth`: last ÷ second
 */
export function flatness(points) {
  const end = points.at(-1)?.seconds ?? 0;
  const fifth = (/** @type {number} */ index) =>
    median(
      points
        .filter(({ seconds }) => seconds >= (end * index) / 5 && seconds <= (end * (index + 1)) / 5)
        .map(({ value }) => value),
    ) ?? Number.NaN;
  const [second, last] = [fifth(1), fifth(4)];
  const growth = last / second;
  const half = points.filter(({ seconds }) => seconds >= end / 2);
  return { second, last, growth, slopePerMinute: slope(half) * 60, flat: growth <= flatWithin };
}

/** Of the line with the least squares, per second. @param {readonly Point[]} points */
function slope(points) {
  const mean = (/** @type {readonly number[]} */ values) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [at, level] = [mean(points.map(({ seconds }) => seconds)), mean(points.map(({ value }) => value))];
  const spread = points.reduce((sum, { seconds }) => sum + (seconds - at) ** 2, 0);
  const together = points.reduce((sum, { seconds, value }) => sum + (seconds - at) * (value - level), 0);
  return spread === 0 ? 0 : together / spread;
}
