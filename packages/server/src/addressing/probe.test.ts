import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Probe } from './probe.js';

describe('Probe', () => {
  it('visits every number once per round', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), (total) => {
        const probe = new Probe(BigInt(total));
        for (let round = 0; round < 2; round++) {
          const visited = new Set<bigint>();
          while (!probe.roundComplete) visited.add(probe.next());
          expect(visited.size).toBe(total);
          expect([...visited].every((number) => number >= 0n && number < BigInt(total))).toBe(true);
          probe.restart();
        }
      }),
      { numRuns: 50 },
    );
  });

  it('costs nothing for a /64, and does not count up', () => {
    const probe = new Probe(2n ** 64n - 2n);
    const numbers = Array.from({ length: 1_000 }, () => probe.next());
    expect(new Set(numbers).size).toBe(1_000);
    expect(numbers.some((number, i) => number + 1n === numbers[i + 1])).toBe(false);
  });
});
