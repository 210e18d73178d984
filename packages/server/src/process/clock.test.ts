import { expect, test } from 'vitest';
import { systemClock } from './clock.js';

test('now is UTC with fractions, within the millisecond that the system names', () => {
  const clock = systemClock();
  for (let round = 0; round < 1_000; round += 1) {
    const before = Date.now();
    const now = clock.now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThan(Date.now() + 1);
  }
});
