import { describe, expect, it } from 'vitest';
import { overdueDelayMs, renewalTime, retryDelayMs } from './schedule.js';

const day = 86_400_000;
const life = { validFrom: 0, expiresAt: 30 * day };

describe('a certificate is renewed', () => {
  it('from two thirds of its life, spread over a twelfth', () => {
    expect(renewalTime(life, 0)).toBe(20 * day);
    expect(renewalTime(life, 0.5)).toBe(21.25 * day);
    expect(renewalTime(life, 0.999999)).toBeLessThanOrEqual(22.5 * day);
  });

  it('within the hour when it is overdue, and at once near its end', () => {
    expect(overdueDelayMs(life, 21 * day, 0)).toBe(0);
    expect(overdueDelayMs(life, 21 * day, 0.999)).toBeLessThan(3_600_000);
    expect(overdueDelayMs(life, 30 * day - 60_000, 0.999)).toBeLessThan(5_000);
    expect(overdueDelayMs(life, 31 * day, 0.999)).toBe(0);
  });
});

describe('a failed renewal is repeated', () => {
  it('after a minute, then more rarely, at least once an hour', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 20].map((failures) => retryDelayMs(failures, life, 20 * day, 1));
    expect(waits.map((ms) => ms / 60_000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(retryDelayMs(1, life, 20 * day, 0)).toBe(30_000);
  });

  it('more often when little is left, but not in a storm', () => {
    expect(retryDelayMs(9, life, 30 * day - 300_000, 1)).toBe(60_000);
    expect(retryDelayMs(9, life, 30 * day - 1_000, 1)).toBe(5_000);
    expect(retryDelayMs(9, life, 31 * day, 1)).toBe(5_000);
  });

  it('not before the server wants it', () => {
    expect(retryDelayMs(1, life, 20 * day, 1, 600_000)).toBe(600_000);
  });
});
