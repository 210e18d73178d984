import { describe, expect, test } from 'vitest';
import type { LoginFailures } from '../store/loginFailures.js';
import { accountPolicy, addressKey, addressPolicy, afterFailure } from './throttle.js';

const day = 24 * 60 * 60_000;

/** Locks after each of `count` failures in a row, seconds. */
function locks(count: number): number[] {
  let failures: LoginFailures | null = null;
  return Array.from({ length: count }, () => {
    failures = afterFailure(failures, accountPolicy, 0);
    return failures.lockedUntil / 1000;
  });
}

describe('failed logins', () => {
  test('are free at first, then lock for twice as long each time, to an end', () => {
    expect(locks(14)).toEqual([0, 0, 0, 0, 0, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
  });

  test('count forever as the longest lock, never as none', () => {
    const many = { failures: 1e9, lastAt: 0, lockedUntil: 0 };
    expect(afterFailure(many, addressPolicy, 1).lockedUntil).toBe(1 + addressPolicy.longestLockMs);
  });

  test('are forgiven after a day without one', () => {
    const many = { failures: 30, lastAt: 0, lockedUntil: 900_000 };
    expect(afterFailure(many, accountPolicy, day + 1)).toEqual({
      failures: 1,
      lastAt: day + 1,
      lockedUntil: day + 1,
    });
    expect(afterFailure(many, accountPolicy, day - 1).failures).toBe(31);
  });
});

test.each([
  ['192.0.2.1', 'address:192.0.2.1'],
  ['::ffff:192.0.2.1', 'address:192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', 'address:2001:db8:1:2'],
  ['2001:DB8:1:2::9', 'address:2001:db8:1:2'],
  ['2001:db8::1', 'address:2001:db8:0:0'],
  ['::1', 'address:0:0:0:0'],
  ['fe80::1%eth0', 'address:fe80:0:0:0'],
])('%s counts as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});
