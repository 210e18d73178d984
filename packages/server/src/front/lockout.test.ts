import { ManualClock } from '@masque-vpn/engine/fake';
import { expect, it } from 'vitest';
import { Lockout } from './lockout.js';
import { networkOf } from './networkOf.js';

it('whoever used up the attempts waits until one is back, and nobody else does', () => {
  const clock = new ManualClock();
  const lockout = new Lockout({ attempts: 3, recoveryMs: 10_000 }, clock);
  for (let attempt = 0; attempt < 3; attempt++) {
    expect(lockout.waitOf('a')).toBe(0);
    lockout.count('a');
  }
  expect(lockout.waitOf('a')).toBe(10);
  expect(lockout.waitOf('b')).toBe(0);
  clock.advance(9_000);
  expect(lockout.waitOf('a')).toBe(1);
  clock.advance(1_000);
  expect(lockout.waitOf('a')).toBe(0);
  lockout.count('a');
  expect(lockout.waitOf('a')).toBe(10);
});

it('a bounded number of senders is remembered, those that came last', () => {
  const lockout = new Lockout({ attempts: 1, recoveryMs: 1_000 }, new ManualClock());
  for (let sender = 0; sender <= 10_000; sender++) lockout.count(String(sender));
  expect(lockout.size).toBe(10_000);
  expect(lockout.waitOf('0')).toBe(0);
  expect(lockout.waitOf('10000')).toBe(1);
});

it('a sender is an IPv4 address or a /64 of IPv6', () => {
  expect(networkOf('::ffff:192.0.2.1')).toBe(networkOf('192.0.2.1'));
  expect(networkOf('192.0.2.1')).not.toBe(networkOf('192.0.2.2'));
  expect(networkOf('2001:db8::1')).toBe(networkOf('2001:db8:0:0:ffff::2'));
  expect(networkOf('2001:db8::1')).not.toBe(networkOf('2001:db8:0:1::1'));
  expect(networkOf('fe80::1%eth0')).toBe(networkOf('fe80::2'));
});
