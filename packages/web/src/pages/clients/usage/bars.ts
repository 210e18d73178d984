import type { Model } from '../../../api/client.js';

export type Day = Pick<Model<'DailyUsage'>, 'day' | 'bytesIn' | 'bytesOut' | 'sessions'>;

const dayMs = 86_400_000;

/** Every day from `from` to `to`, both included, UTC; those without traffic are empty. */
export function daysBetween(from: string, to: string, known: readonly Day[]): readonly Day[] {
  const byDay = new Map(known.map((day) => [day.day, day]));
  const first = Date.parse(from);
  const last = Date.parse(to);
  const days: Day[] = [];
  for (let at = first; at <= last; at += dayMs) {
    const day = new Date(at).toISOString().slice(0, 10);
    days.push(byDay.get(day) ?? { day, bytesIn: 0, bytesOut: 0, sessions: 0 });
  }
  return days;
}

/** The end of an axis that `most` fits below: 1, 2 or 5 times a power of ten. */
export function axisEnd(most: number): number {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= most) ?? 10;
  return step * power;
}

export interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** Days of an address; what is no day, or turned round, is the last `usualDays` until today. UTC. */
export function rangeOf(from: string, to: string, nowMs: number, usualDays: number): DayRange {
  const today = new Date(nowMs).toISOString().slice(0, 10);
  const last = isDay(to) ? to : today;
  const first = isDay(from)
    ? from
    : new Date(Date.parse(last) - (usualDays - 1) * dayMs).toISOString().slice(0, 10);
  return first <= last ? { from: first, to: last } : { from: last, to: first };
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}
