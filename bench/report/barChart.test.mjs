import { expect, it } from 'vitest';
import { barChart } from './barChart.mjs';

const bar = { label: 'ours', median: 50, least: 40, most: 100, strong: true, mark: null };

it('draws bars to one scale, whose end is the largest value', () => {
  const svg = barChart('TCP', [{ title: 'up', bars: [bar, { ...bar, median: 100, strong: false }] }]);
  const widths = [...svg.matchAll(/width="([\d.]+)" height="14"/g)].map(([, width]) => Number(width));
  expect(widths).toHaveLength(2);
  expect(widths[1]).toBeCloseTo(2 * (widths[0] ?? 0));
});

it('escapes names', () => {
  expect(barChart('a < b & c', [])).toContain('a &lt; b &amp; c');
});
