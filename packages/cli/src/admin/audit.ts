import { z } from 'zod';
import { AuditEntryModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import type { Moment } from '../input/moment.js';
import { table } from '../output/table.js';
import { instant } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** Flags of `admin audit`. */
export interface AuditFlags {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly since?: Moment;
  readonly limit: number;
}

/** `masque-vpn admin audit` */
export async function showAudit(
  flags: AuditFlags,
  { api, world, print }: AdminTools,
): Promise<CommandResult> {
  const { actor, action, target, since, limit } = flags;
  const query = { actor, action, target, fromMs: since?.(world.now()) };
  const answer = await api.list(apiPath('audit'), AuditEntryModel, query, limit);
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0
      ? 'Nothing like that was done.\n'
      : table(
          ['when', 'who', 'from', 'did', 'to', 'detail'],
          items.map((entry) => [
            instant(entry.atMs),
            entry.actor.kind === 'administrator'
              ? entry.actor.name
              : `${entry.actor.name} (${entry.actor.kind})`,
            entry.actor.remoteAddress ?? 'here',
            entry.action,
            `${entry.target.kind} ${entry.target.id}`,
            detailText(entry.detail),
          ]),
        ),
  );
  return done;
}

/** `name=value name=old→new`; values that are no plain words as JSON. */
function detailText(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .map(([name, value]) => {
      const change = Change.safeParse(value).data;
      return `${name}=${change === undefined ? word(value) : `${word(change.from)}→${word(change.to)}`}`;
    })
    .join(' ');
}

/** How an entry shows a field that was changed. */
const Change = z.strictObject({ from: z.unknown(), to: z.unknown() });

function word(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value);
}
