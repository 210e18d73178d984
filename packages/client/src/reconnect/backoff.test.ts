import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff, defaultBackoff } from './backoff.js';

const almostOne = 1 - Number.EPSILON;

describe('backoff', () => {
  it('doubles up to 30 s, with full jitter', () => {
    const longest = new Backoff(() => almostOne);
    const waits = Array.from({ length: 9 }, () => longest.next('soon'));
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(new Backoff(() => 0).next('soon')).toBe(0);
  });

  it('stays between 0 and its bound, however often and whatever chance says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: almostOne, noNaN: true }), { minLength: 1 }),
        (chances) => {
          let at = 0;
          const backoff = new Backoff(() => chances[at] ?? 0);
          for (at = 0; at < chances.length; at += 1) {
            const wait = backoff.next('soon') ?? -1;
            expect(wait).toBeGreaterThanOrEqual(0);
            expect(wait).toBeLessThanOrEqual(defaultBackoff.longestMs);
          }
        },
      ),
    );
  });

  it('begins anew only after a tunnel that was stable', () => {
    const backoff = new Backoff(() => almostOne);
    for (let attempt = 0; attempt < 5; attempt += 1) backoff.next('soon');
    backoff.ended(defaultBackoff.stableMs - 1);
    expect(backoff.next('soon')).toBe(8000);
    backoff.ended(defaultBackoff.stableMs);
    expect(backoff.attempts).toBe(0);
    expect(backoff.next('soon')).toBe(250);
  });

  it('asks slowly where only the server’s owner can help, and never where nobody can', () => {
    expect(new Backoff(() => 0).next('slowly')).toBe(15_000);
    expect(new Backoff(() => almostOne).next('slowly')).toBe(30_000);
    expect(new Backoff(() => 0.5).next('never')).toBeNull();
  });

  it('waits as long as the server asks, up to five minutes', () => {
    expect(new Backoff(() => 0).next('soon', 20_000)).toBe(20_000);
    expect(new Backoff(() => 0).next('soon', 86_400_000)).toBe(300_000);
  });
});
