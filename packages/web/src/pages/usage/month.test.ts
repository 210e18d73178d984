import { expect, test } from 'vitest';
import { arrange, middleOf, monthFrom, monthOf, recentMonths, shift, totalsOf } from './month.js';
import type { MonthlyUsage } from './queries.js';

const row = (clientId: string, bytesIn: number, bytesOut: number): MonthlyUsage => ({
  clientId,
  month: '2026-11',
  bytesIn,
  bytesOut,
  packetsIn: 0,
  packetsOut: 0,
  sessions: 1,
  monthlyQuotaBytes: null,
});
const names = (rows: readonly MonthlyUsage[]): readonly string[] => rows.map(({ clientId }) => clientId);
const rows = [row('alice', 5, 1), row('bob', 1, 9), row('carol', 5, 5)];

test('months are counted in UTC and over years', () => {
  expect(monthOf(Date.UTC(2026, 0, 31, 23, 59))).toBe('2026-01');
  expect(shift('2026-01', -1)).toBe('2025-12');
  expect(recentMonths(Date.UTC(2026, 0, 31), 3)).toEqual(['2026-01', '2025-12', '2025-11']);
  expect(monthOf(middleOf('2026-02'))).toBe('2026-02');
});

test('an address with a month that cannot be shows the present one', () => {
  const now = Date.UTC(2026, 10, 5);
  expect(monthFrom('2026-10', now)).toBe('2026-10');
  expect(monthFrom('2026-12', now)).toBe('2026-11');
  expect(monthFrom('2026-13', now)).toBe('2026-11');
  expect(monthFrom('', now)).toBe('2026-11');
});

test('rows are in the order that is asked for, and alike ones by name', () => {
  expect(names(arrange(rows, '-total', ''))).toEqual(['bob', 'carol', 'alice']);
  expect(names(arrange(rows, '-in', ''))).toEqual(['alice', 'carol', 'bob']);
  expect(names(arrange(rows, '-client', ''))).toEqual(['carol', 'bob', 'alice']);
  expect(names(arrange(rows, 'nonsense', 'O'))).toEqual(['bob', 'carol']);
});

test('totals are those of all rows', () => {
  expect(totalsOf(rows)).toEqual({ bytesIn: 11, bytesOut: 15, sessions: 3 });
});
