/** Words and figures as the reader's language writes them (ECMA-402). */
export interface Format {
  readonly number: (value: number) => string;
  /** Share of one, as per cent. */
  readonly percent: (share: number) => string;
  /** Octets with a decimal prefix: `1.2 GB`. */
  readonly bytes: (octets: number) => string;
  /** Octets per second, told as bits per second: `12 Mbit/s`. */
  readonly rate: (octetsPerSecond: number) => string;
  readonly milliseconds: (ms: number) => string;
  readonly date: (atMs: number) => string;
  readonly dateTime: (atMs: number) => string;
  readonly time: (atMs: number) => string;
  /** How far `atMs` is from `nowMs`, in the largest unit that fits: `3 minutes ago`, `in 2 days`. */
  readonly distance: (atMs: number, nowMs: number) => string;
  /** A span in its two largest units: `2 hr, 5 min`. */
  readonly duration: (ms: number) => string;
  readonly list: (items: readonly string[]) => string;
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;
const bitUnits = ['bit', 'kilobit', 'megabit', 'gigabit', 'terabit'] as const;

const spans = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** Largest unit in which `value` is at least one; thousands. */
function scale(value: number, count: number): [scaled: number, index: number] {
  const index = value < 1 ? 0 : Math.min(count - 1, Math.floor(Math.log10(value) / 3));
  return [value / 1_000 ** index, index];
}

export function formatOf(language: string): Format {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const list = new Intl.ListFormat(language, { type: 'conjunction', style: 'short' });
  const units = new Map<string, Intl.NumberFormat>();
  const inUnit = (value: number, unit: string, digits: number): string => {
    const key = `${unit} ${digits}`;
    const made =
      units.get(key) ??
      new Intl.NumberFormat(language, {
        style: 'unit',
        unit,
        unitDisplay: 'short',
        maximumFractionDigits: digits,
      });
    units.set(key, made);
    return made.format(value);
  };
  const digitsOf = (scaled: number, index: number): number => (index === 0 || scaled >= 100 ? 0 : 1);
  return {
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    bytes: (octets) => {
      const [scaled, index] = scale(octets, byteUnits.length);
      return inUnit(scaled, byteUnits[index] ?? 'byte', digitsOf(scaled, index));
    },
    rate: (octetsPerSecond) => {
      const [scaled, index] = scale(octetsPerSecond * 8, bitUnits.length);
      return inUnit(scaled, `${bitUnits[index] ?? 'bit'}-per-second`, digitsOf(scaled, index));
    },
    milliseconds: (ms) => inUnit(ms, 'millisecond', ms < 10 ? 1 : 0),
    date: (atMs) => date.format(atMs),
    dateTime: (atMs) => dateTime.format(atMs),
    time: (atMs) => time.format(atMs),
    distance: (atMs, nowMs) => {
      const away = atMs - nowMs;
      const span = spans.find(([, length]) => Math.abs(away) >= length);
      return span === undefined
        ? relative.format(0, 'second')
        : relative.format(Math.trunc(away / span[1]), span[0]);
    },
    duration: (ms) => {
      const first = spans.findIndex(([, length]) => ms >= length);
      if (first < 0) return inUnit(0, 'second', 0);
      let rest = ms;
      const parts = spans.slice(first, first + 2).flatMap(([unit, length]) => {
        const count = Math.floor(rest / length);
        rest -= count * length;
        return count === 0 ? [] : [inUnit(count, unit, 0)];
      });
      return parts.join(' ');
    },
    list: (items) => list.format(items),
  };
}
