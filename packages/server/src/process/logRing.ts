import type { LogTarget } from './logging.js';

/** Levels in order of weight, as pino has them. */
export const recordedLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type RecordedLevel = (typeof recordedLevels)[number];

/** One line of the log, taken apart. */
export interface LogEntry {
  /** Counts all lines of this run, from 1. */
  readonly number: number;
  /** UTC milliseconds. */
  readonly atMs: number;
  readonly level: RecordedLevel;
  readonly message: string;
  readonly clientId: string | null;
  readonly sessionId: string | null;
  /** Everything else of the line. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Which lines; null: does not matter. */
export interface LogQuery {
  /** This one and those that weigh more. */
  readonly level: RecordedLevel | null;
  readonly clientId: string | null;
  readonly sessionId: string | null;
  /** Part of the line, whatever the case. */
  readonly text: string | null;
  /** Before this number; null: from the end. */
  readonly before: number | null;
  readonly limit: number;
}

const mostLines = 10_000;
const mostBytes = 8_000_000;

interface Line {
  readonly number: number;
  readonly text: string;
}

/** The last lines of the log, bounded in number and size. Lines are taken apart only for whoever reads them. */
export class LogRing implements LogTarget {
  readonly #listeners = new Set<(entry: LogEntry) => void>();
  #lines: Line[] = [];
  /** Index of the oldest line that is remembered; those before it are about to be dropped. */
  #start = 0;
  #bytes = 0;
  #number = 0;

  /** One line as pino writes it. */
  write(written: string): void {
    // What was put together from pieces is remembered as those, in four times the memory.
    const text = Buffer.from(written).toString();
    const line = { number: (this.#number += 1), text };
    this.#lines.push(line);
    this.#bytes += text.length;
    while (this.#lines.length - this.#start > mostLines || this.#bytes > mostBytes) {
      this.#bytes -= this.#lines[this.#start]?.text.length ?? 0;
      this.#start += 1;
    }
    if (this.#start > mostLines) {
      this.#lines = this.#lines.slice(this.#start);
      this.#start = 0;
    }
    if (this.#listeners.size === 0) return;
    const entry = entryOf(line);
    if (entry === null) return;
    for (const listener of this.#listeners) listener(entry);
  }

  /** Tells the listener of every line from now on; it must not log. */
  listen(listener: (entry: LogEntry) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** The last lines that match, the newest first; one more than the limit, if there are more. */
  list(query: LogQuery): readonly LogEntry[] {
    const found: LogEntry[] = [];
    const text = query.text?.toLowerCase() ?? null;
    for (let index = this.#lines.length - 1; index >= this.#start; index -= 1) {
      const line = this.#lines[index];
      if (line === undefined || (query.before !== null && line.number >= query.before)) continue;
      if (text !== null && !line.text.toLowerCase().includes(text)) continue;
      const entry = mayMatch(line.text, query) ? entryOf(line) : null;
      if (entry === null || !matchesLog(entry, query)) continue;
      found.push(entry);
      if (found.length > query.limit) break;
    }
    return found;
  }

  /** How much is remembered. */
  get size(): { readonly lines: number; readonly bytes: number } {
    return { lines: this.#lines.length - this.#start, bytes: this.#bytes };
  }
}

/** Whether a line is one of those asked for. */
export function matchesLog(
  entry: Pick<LogEntry, 'level' | 'clientId' | 'sessionId'>,
  { level, clientId, sessionId }: Pick<LogQuery, 'level' | 'clientId' | 'sessionId'>,
): boolean {
  return (
    (level === null || recordedLevels.indexOf(entry.level) >= recordedLevels.indexOf(level)) &&
    (clientId === null || entry.clientId === clientId) &&
    (sessionId === null || entry.sessionId === sessionId)
  );
}

/** Names that a matching line holds somewhere: what does not is not worth taking apart. */
function mayMatch(text: string, { clientId, sessionId }: LogQuery): boolean {
  return (clientId === null || text.includes(clientId)) && (sessionId === null || text.includes(sessionId));
}

function entryOf({ number, text }: Line): LogEntry | null {
  const parsed = parse(text);
  if (parsed === null) return null;
  const { time, level, msg, clientId, sessionId, ...fields } = parsed;
  return {
    number,
    atMs: typeof time === 'string' ? Date.parse(time) : 0,
    level: recordedLevels.find((known) => known === level) ?? 'info',
    message: typeof msg === 'string' ? msg : '',
    clientId: typeof clientId === 'string' ? clientId : null,
    sessionId: typeof sessionId === 'string' ? sessionId : null,
    fields,
  };
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
