import type { MonthlyUsage } from './queries.js';

/** The month of a moment in UTC, as usage is counted: `2026-11`. */
export function monthOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 7);
}

/** A month in an address, if it is one that there can be usage of; else the present one. */
export function monthFrom(text: string, nowMs: number): string {
  const present = monthOf(nowMs);
  return /^\d{4}-(?:0[1-9]|1[0-2])$/.test(text) && text <= present ? text : present;
}

/** Noon of the 15th: in every time zone a moment of that month. */
export function middleOf(month: string): number {
  return Date.parse(`${month}-15T12:00:00Z`);
}

/** The month `count` months after `month`. */
export function shift(month: string, count: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return monthOf(Date.UTC(year, number - 1 + count, 15));
}

/** The latest months, the present one first. */
export function recentMonths(nowMs: number, count: number): readonly string[] {
  const present = monthOf(nowMs);
  return Array.from({ length: count }, (_, back) => shift(present, -back));
}

export const sorts = ['client', 'in', 'out', 'total', 'sessions'] as const;

export interface Totals {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly sessions: number;
}

export function totalsOf(rows: readonly MonthlyUsage[]): Totals {
  const sum = (of: (row: MonthlyUsage) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return {
    bytesIn: sum(({ bytesIn }) => bytesIn),
    bytesOut: sum(({ bytesOut }) => bytesOut),
    sessions: sum(({ sessions }) => sessions),
  };
}

/** Rows in the order that the address says, `-total`: the most first; whose name has the text. */
export function arrange(rows: readonly MonthlyUsage[], order: string, text: string): readonly MonthlyUsage[] {
  const down = order.startsWith('-') ? -1 : 1;
  const sort = sorts.find((name) => name === order.replace('-', '')) ?? 'total';
  const byName = (a: MonthlyUsage, b: MonthlyUsage): number => (a.clientId < b.clientId ? -1 : 1);
  const value = ({ bytesIn, bytesOut, sessions }: MonthlyUsage): number =>
    ({ client: 0, in: bytesIn, out: bytesOut, total: bytesIn + bytesOut, sessions })[sort];
  return rows
    .filter(({ clientId }) => clientId.includes(text.toLowerCase()))
    .toSorted((a, b) =>
      sort === 'client' ? down * byName(a, b) : down * (value(a) - value(b)) || byName(a, b),
    );
}
