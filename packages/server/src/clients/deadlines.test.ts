import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deadlines } from './deadlines.js';

test('the next is always the earliest of those that were set and not deleted', () => {
  const step = fc.record({
    item: fc.integer({ min: 0, max: 20 }),
    atMs: fc.option(fc.integer({ min: 0, max: 50 })),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const deadlines = new Deadlines<number>();
      const model = new Map<number, number>();
      for (const { item, atMs } of steps) {
        if (atMs === null) {
          deadlines.delete(item);
          model.delete(item);
        } else {
          deadlines.set(item, atMs);
          model.set(item, atMs);
        }
        const { next } = deadlines;
        expect(deadlines.size).toBe(model.size);
        expect(next?.atMs ?? null).toBe(model.size === 0 ? null : Math.min(...model.values()));
        if (next !== null) expect(model.get(next.item)).toBe(next.atMs);
      }
    }),
  );
});
