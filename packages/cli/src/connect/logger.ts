import pino, { type Logger } from 'pino';
import { z } from 'zod';
import type { World } from '../world.js';
import type { LiveLine } from './liveLine.js';

interface LogStyle {
  /** Short lines instead of JSON. */
  readonly forPeople: boolean;
  readonly verbose: boolean;
  /** Lines are written above this one. */
  readonly line: LiveLine | null;
}

/** The client's log on standard output: JSON, or short lines for somebody who watches. */
export function logger(world: World, { forPeople, verbose, line }: LogStyle): Logger {
  const options = {
    level: verbose ? 'debug' : 'info',
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (!forPeople) return pino(options, { write: (text) => world.out.write(text) });
  const show = (text: string): void => (line === null ? world.out.write(text) : line.above(text));
  return pino(options, { write: (text) => show(shortLine(text, verbose)) });
}

const record = z.looseObject({ time: z.string(), level: z.string(), msg: z.string().default('') });

/** `12:03:04 message` in local time, with the fields behind it when `verbose`. */
function shortLine(json: string, verbose: boolean): string {
  const { time, level, msg, ...fields } = record.parse(JSON.parse(json));
  const clock = new Date(time).toTimeString().slice(0, 8);
  const details = verbose && Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
  const mark = level === 'info' || level === 'debug' ? '  ' : '! ';
  return `${clock} ${mark}${msg}${details}\n`;
}
