import type { LiveEvent } from '../../live/stream.js';
import { hasText, levels, type LogEntry } from './filters.js';

/** Lines that a page keeps. */
export const mostLines = 2_000;

/** A line with a number of its own: lines can be alike. */
export interface TailLine {
  readonly number: number;
  readonly entry: LogEntry;
}

/**
 * The end of the log as a page shows it, the newest last. While it is paused new lines wait; of all of them the
 * latest `mostLines` are kept.
 */
export class Tail {
  #lines: readonly TailLine[] = [];
  #waiting: LogEntry[] = [];
  #count = 0;
  #paused = false;

  get lines(): readonly TailLine[] {
    return this.#lines;
  }

  /** How many lines came while it was paused. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Begins anew with lines as the API lists them, the newest first; whatever of `newer` came since is put behind. */
  restart(newestFirst: readonly LogEntry[], newer: readonly LogEntry[] = []): void {
    const known = new Set(newestFirst.map(keyOf));
    this.#waiting = [];
    this.#lines = [];
    this.#append([...newestFirst.toReversed(), ...newer.filter((entry) => !known.has(keyOf(entry)))]);
  }

  add(entry: LogEntry): void {
    if (!this.#paused) {
      this.#append([entry]);
      return;
    }
    this.#waiting.push(entry);
    if (this.#waiting.length > mostLines) this.#waiting.shift();
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    if (paused) return;
    this.#append(this.#waiting);
    this.#waiting = [];
  }

  #append(entries: readonly LogEntry[]): void {
    const numbered = entries.map((entry) => ({ number: (this.#count += 1), entry }));
    this.#lines = [...this.#lines, ...numbered].slice(-mostLines);
  }
}

function keyOf({ atMs, message, sessionId, clientId }: LogEntry): string {
  return `${atMs} ${clientId ?? ''} ${sessionId ?? ''} ${message}`;
}

/** The line that an event tells of; null: none, or not one with this text. */
export function lineOf({ topic, atMs, clientId, sessionId, data }: LiveEvent, text: string): LogEntry | null {
  if (topic !== 'logs' || typeof data !== 'object' || data === null) return null;
  const { level, message, fields, atMs: writtenAtMs } = data as Partial<LogEntry>;
  const entry: LogEntry = {
    atMs: writtenAtMs ?? atMs,
    level: levels.find((known) => known === level) ?? 'info',
    message: message ?? '',
    clientId,
    sessionId,
    fields: fields ?? {},
  };
  return hasText(entry, text) ? entry : null;
}

/** Lines as they are downloaded, one JSON object each. */
export function linesText(lines: readonly TailLine[]): string {
  return lines.map(({ entry }) => `${JSON.stringify(entry)}\n`).join('');
}
