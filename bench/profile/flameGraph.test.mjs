import { expect, it } from 'vitest';
import { flameGraph } from './flameGraph.mjs';

const stacks = [
  { frames: ['turn', 'send'], count: 3 },
  { frames: ['turn', 'read<u8>'], count: 1 },
];

it('makes boxes as wide as their share, callers below', () => {
  const svg = flameGraph('worker', stacks);
  const box = (/** @type {string} */ name) => {
    const [, y, width] =
      new RegExp(`<title>${name}, [\\d.]+ %</title><rect x="[\\d.]+" y="(\\d+)" width="([\\d.]+)"`).exec(
        svg,
      ) ?? [];
    return { y: Number(y), width: Number(width) };
  };
  expect(box('send').width).toBeCloseTo(0.75 * 1_200, -1);
  expect(box('turn').width).toBeCloseTo(1_200, -1);
  expect(box('send').y).toBeLessThan(box('turn').y);
  expect(svg).toContain('read&lt;u8&gt;, 25.0 %');
});

it('leaves out what nobody could see', () => {
  const many = [...stacks, { frames: ['rare'], count: 1 }].map((stack) => ({
    ...stack,
    count: stack.count * (stack.frames.length === 1 ? 1 : 1_000),
  }));
  expect(flameGraph('worker', many)).not.toContain('rare');
});
