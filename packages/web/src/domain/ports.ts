import { partsOf } from './address.js';

/** Inclusive. */
export type PortRange = readonly [first: number, last: number];

/** Why a text is no list of ports, and which part of it. */
export interface PortMistake {
  readonly text: string;
  readonly code: 'notAPort' | 'outOfRange' | 'backwards';
}

const most = 65_535;

/** A port alone, 1–65535; null: it is none. */
export function parsePort(text: string): number | null {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= most ? port : null;
}

/** `443, 8000-8999`: in order, with what overlaps or touches put together. */
export function parsePorts(
  text: string,
):
  | { readonly ok: true; readonly ports: readonly PortRange[] }
  | { readonly ok: false; readonly mistake: PortMistake } {
  const ranges: PortRange[] = [];
  for (const part of partsOf(text.replace(/\s*[-–]\s*/g, '-'))) {
    const range = parseRange(part);
    if ('code' in range) return { ok: false, mistake: range };
    ranges.push(range);
  }
  return { ok: true, ports: joined(ranges) };
}

/** As people write it: `443, 8000–8999`. */
export function formatPorts(ports: readonly (readonly [number, number])[]): string {
  return ports.map(([first, last]) => (first === last ? String(first) : `${first}–${last}`)).join(', ');
}

function parseRange(text: string): PortRange | PortMistake {
  const [, firstText, lastText] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (firstText === undefined) return { text, code: 'notAPort' };
  const first = parsePort(firstText);
  const last = lastText === undefined ? first : parsePort(lastText);
  if (first === null || last === null) return { text, code: 'outOfRange' };
  return first > last ? { text, code: 'backwards' } : [first, last];
}

function joined(ranges: readonly PortRange[]): readonly PortRange[] {
  const ordered = [...ranges].sort(([a], [b]) => a - b);
  return ordered.reduce<PortRange[]>((done, [first, last]) => {
    const before = done.at(-1);
    if (before === undefined || first > before[1] + 1) return [...done, [first, last]];
    return [...done.slice(0, -1), [before[0], Math.max(before[1], last)]];
  }, []);
}
