import type { Model } from '../../api/client.js';

export type LogEntry = Model<'LogEntry'>;
export type LogLevel = LogEntry['level'];

/** In order of weight. */
export const levels = [
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
] as const satisfies readonly LogLevel[];

/** What narrows the log, as it stands in the page's address; empty: does not matter. */
export interface LogFilters {
  readonly level: string;
  readonly client: string;
  readonly session: string;
  readonly q: string;
}

export const noFilters: LogFilters = { level: 'info', client: '', session: '', q: '' };

/** The filters as both the list and the stream take them. */
export function queryOf(filters: LogFilters): {
  level: LogLevel;
  client?: string;
  session?: string;
  q?: string;
} {
  return {
    ...streamQueryOf(filters),
    ...(filters.q === '' ? {} : { q: filters.q }),
  };
}

/** Without the text: the stream does not search. */
export function streamQueryOf({ level, client, session }: LogFilters): {
  level: LogLevel;
  client?: string;
  session?: string;
} {
  return {
    level: levels.find((known) => known === level) ?? 'info',
    ...(isClientId(client) ? { client } : {}),
    ...(isSessionId(session) ? { session } : {}),
  };
}

/** What the server would refuse as filter is none yet: somebody is still typing. */
function isClientId(text: string): boolean {
  return /^[a-z0-9-]{1,63}$/.test(text);
}

function isSessionId(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** Whether a line has the text, as the server searches for it: anywhere, whatever the case. */
export function hasText(entry: LogEntry, text: string): boolean {
  return text === '' || JSON.stringify(entry).toLowerCase().includes(text.toLowerCase());
}
