import { DailyUsageListModel, MonthlyUsageModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import { table } from '../output/table.js';
import { bytes } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** Flags of `admin usage`. */
export interface UsageFlags {
  readonly client?: string;
  /** `2026-02` */
  readonly month?: string;
  /** `2026-02-28`, both included. */
  readonly from?: string;
  readonly to?: string;
}

interface Amount {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly sessions: number;
}

/** `masque-vpn admin usage`; `down` is towards the client. */
export async function showUsage(flags: UsageFlags, tools: AdminTools): Promise<CommandResult> {
  return flags.client === undefined ? monthly(flags, tools) : daily(flags.client, flags, tools);
}

async function monthly({ month }: UsageFlags, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.list(apiPath('usage'), MonthlyUsageModel, { month });
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0
      ? 'Nothing was moved in that month.\n'
      : table(
          ['client', 'month', 'sessions', 'up', 'down'],
          items.map((usage) => [usage.clientId, usage.month, ...amounts(usage)]),
        ),
  );
  return done;
}

async function daily(client: string, { from, to }: UsageFlags, tools: AdminTools): Promise<CommandResult> {
  const path = apiPath('clients', client, 'usage');
  const answer = await tools.api.call('GET', path, DailyUsageListModel, { query: { from, to } });
  if (!answer.ok) return answer;
  tools.print(answer.value, ({ items }) =>
    items.length === 0
      ? `${client} moved nothing in that time.\n`
      : table(
          ['day', 'sessions', 'up', 'down'],
          items.map((usage) => [usage.day, ...amounts(usage)]),
        ),
  );
  return done;
}

function amounts({ sessions, bytesIn, bytesOut }: Amount): string[] {
  return [String(sessions), bytes(bytesIn), bytes(bytesOut)];
}
