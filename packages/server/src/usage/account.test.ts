import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayOf, monthOf, UsageAccount } from './account.js';

const alice = { clientUuid: 'u1', clientSlug: 'alice' };

function counters(bytesIn: number, bytesOut = 0): Parameters<UsageAccount['count']>[2] {
  return { bytesIn, bytesOut, packetsIn: bytesIn / 10, packetsOut: bytesOut / 10 };
}

test('each byte counts once, on the day on which it was first seen', () => {
  const account = new UsageAccount();
  expect(account.count('s1', alice, counters(100, 50), '2026-01-31')).toBe(150);
  expect(account.count('s1', alice, counters(100, 50), '2026-01-31')).toBe(0);
  expect(account.count('s1', alice, counters(130, 50), '2026-02-01')).toBe(30);
  expect(account.take()).toEqual([
    { ...alice, day: '2026-01-31', ...counters(100, 50), sessions: 1 },
    { ...alice, day: '2026-02-01', ...counters(30), sessions: 0 },
  ]);
  expect(account.take()).toEqual([]);
});

test('sessions of one client add up', () => {
  const account = new UsageAccount();
  account.count('s1', alice, counters(100), '2026-01-31');
  account.count('s2', alice, counters(10), '2026-01-31');
  account.settle('s1');
  expect(account.take()).toMatchObject([{ bytesIn: 110, sessions: 2 }]);
});

test('whenever it is taken, nothing is lost and nothing counts twice', () => {
  const step = fc.record({ session: fc.nat(3), grown: fc.nat(1_000), take: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const account = new UsageAccount();
      const sums = [0, 0, 0, 0];
      let stored = 0;
      const take = (): void => {
        stored += account.take().reduce((sum, { bytesIn }) => sum + bytesIn, 0);
      };
      for (const { session, grown, take: now } of steps) {
        sums[session] = (sums[session] ?? 0) + grown;
        account.count(`s${session}`, alice, counters(sums[session]), '2026-01-31');
        if (now) take();
      }
      take();
      expect(stored).toBe(sums.reduce((sum, each) => sum + each, 0));
    }),
  );
});

test('days and months are UTC', () => {
  const lastMillisecond = Date.UTC(2026, 0, 31, 23, 59, 59, 999);
  expect([dayOf(lastMillisecond), monthOf(lastMillisecond)]).toEqual(['2026-01-31', '2026-01']);
  expect(dayOf(lastMillisecond + 1)).toBe('2026-02-01');
});
