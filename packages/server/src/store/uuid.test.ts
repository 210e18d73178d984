import { describe, expect, it } from 'vitest';
import { UuidSequence, uuidV7 } from './uuid.js';

describe('uuidV7 (RFC 9562 §5.7)', () => {
  it('has version 7 and the RFC variant', () => {
    for (let i = 0; i < 100; i++) {
      expect(uuidV7(1_645_557_742_000)).toMatch(
        /^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });

  it('sorts by time', () => {
    expect(uuidV7(1_000) < uuidV7(1_001)).toBe(true);
    expect(uuidV7(2 ** 40 - 1) < uuidV7(2 ** 40)).toBe(true);
  });

  it('sorts as made within a millisecond', () => {
    const ids = new UuidSequence();
    const made = Array.from({ length: 2_000 }, () => ids.next(7_777));
    expect(made.toSorted()).toEqual(made);
  });

  it('cuts a fraction of a millisecond off', () => {
    expect(uuidV7(1_000.9).slice(0, 13)).toBe(uuidV7(1_000).slice(0, 13));
  });

  it('has random bits of its own in each id', () => {
    const ids = new UuidSequence();
    const random = Array.from({ length: 1_000 }, () => ids.next(9_999).slice(19));
    expect(new Set(random).size).toBe(1_000);
  });

  it('does not repeat within a millisecond', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => uuidV7(5))).size).toBe(1_000);
  });
});
