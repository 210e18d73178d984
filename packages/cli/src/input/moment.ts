import { means, type Parsed, wrong } from './parsed.js';

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A point in time: UTC milliseconds, once it is known what time it is now. */
export type Moment = (nowMs: number) => number;

/** `30d`, `12h` (from now on), `2026-12-31`, `2026-12-31T18:00Z`. Times without zone are UTC. */
export function parseFuture(text: string): Parsed<Moment> {
  return parseMoment(text, 1);
}

/** `30d`, `12h` (ago), `2026-01-31`, `2026-01-31T18:00Z`. Times without zone are UTC. */
export function parsePast(text: string): Parsed<Moment> {
  return parseMoment(text, -1);
}

function parseMoment(text: string, direction: 1 | -1): Parsed<Moment> {
  const [, count, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const factor = unitMs[unit];
  if (count !== undefined && factor !== undefined) {
    return means((nowMs) => nowMs + direction * Number(count) * factor);
  }
  const [, day, time = '00:00', zone = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text) ?? [];
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T${time}${zone}`);
  // Date.parse moves 31 April to May.
  const isReal = !Number.isNaN(at) && Number(day?.slice(8)) <= daysIn(day ?? '');
  return isReal ? means(() => at) : wrong('must be a time like 30d, 12h, 2026-12-31 or 2026-12-31T18:00Z');
}

function daysIn(day: string): number {
  return new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).getUTCDate();
}
