import { expect, it } from 'vitest';
import { lineChart } from './lineChart.mjs';

const line = (/** @type {readonly number[]} */ values) => ({
  label: 'server & client',
  points: values.map((value, at) => ({ seconds: at * 60, value })),
});

it('draws from zero to the largest value of a panel, over the whole time', () => {
  const svg = lineChart('soak', [{ title: 'MB', lines: [line([0, 50, 100])] }]);
  const points = (/points="([^"]*)"/.exec(svg)?.[1] ?? '')
    .split(' ')
    .map((point) => point.split(',').map(Number));
  const [first, middle, last] = points;
  expect((middle?.[1] ?? 0) * 2).toBeCloseTo((first?.[1] ?? 0) + (last?.[1] ?? 0));
  expect((first?.[0] ?? 0) < (middle?.[0] ?? 0) && (middle?.[0] ?? 0) < (last?.[0] ?? 0)).toBe(true);
});

it('escapes names', () => {
  expect(lineChart('a < b', [{ title: '', lines: [line([1, 2])] }])).toContain('server &amp; client');
});
