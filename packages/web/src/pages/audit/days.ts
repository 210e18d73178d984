import type { Model } from '../../api/client.js';

type AuditEntry = Model<'AuditEntry'>;

/** The entries of one day of the reader's calendar. */
export interface AuditedDay {
  /** Its midnight, UTC milliseconds. */
  readonly atMs: number;
  readonly entries: readonly AuditEntry[];
}

/** Entries, which are in order of time, by the day of the reader's calendar. */
export function byDay(entries: readonly AuditEntry[]): readonly AuditedDay[] {
  const days = new Map<number, AuditEntry[]>();
  for (const entry of entries) {
    const day = new Date(entry.atMs).setHours(0, 0, 0, 0);
    const known = days.get(day);
    if (known === undefined) days.set(day, [entry]);
    else known.push(entry);
  }
  return [...days].map(([atMs, list]) => ({ atMs, entries: list }));
}
