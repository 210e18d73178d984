import { LogEntryModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** Flags of `admin log`. */
export interface LogFlags {
  readonly level?: string;
  readonly client?: string;
  readonly session?: string;
  readonly search?: string;
  readonly limit: number;
}

/** `masque-vpn admin log`: the newest line comes last, as in a log. */
export async function showLog(flags: LogFlags, { api, print }: AdminTools): Promise<CommandResult> {
  const { level, client, session, search: q, limit } = flags;
  const answer = await api.list(apiPath('logs'), LogEntryModel, { level, client, session, q }, limit);
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0 ? 'No line is like that.\n' : items.toReversed().map(line).join(''),
  );
  return done;
}

function line({ atMs, level, message, clientId, fields }: LogEntryModel): string {
  const about = clientId === null ? '' : ` ${clientId}`;
  const rest = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
  return `${new Date(atMs).toISOString()} ${level.padEnd(5)}${about} ${message}${rest}\n`;
}
