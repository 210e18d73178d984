import { expect, test } from 'vitest';
import { dayOf, endOfDay } from './day.js';

test('a day ends with its last millisecond, and that belongs to it', () => {
  const end = endOfDay('2026-02-28') ?? 0;
  expect(dayOf(end)).toBe('2026-02-28');
  expect(dayOf(end + 1)).toBe('2026-03-01');
});

test('what is no day has no end', () => {
  expect(endOfDay('')).toBeNull();
  expect(endOfDay('soon')).toBeNull();
});
