import { z } from 'zod';
import { CreatedEnrolmentModel, EnrolmentModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import { table } from '../output/table.js';
import { instant } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';
import { linkText } from './linkText.js';

/** Flags of `admin enroll create`. */
export interface CreateFlags {
  readonly hours?: number;
  readonly host?: string;
  /** With `--no-qr` false. */
  readonly qr: boolean;
}

/** Flags of `admin enroll list`. */
export interface EnrolmentFlags {
  readonly client?: string;
  readonly open?: true;
}

/** `masque-vpn admin enroll create CLIENT` */
export async function createEnrolment(
  client: string,
  { hours: lifetimeHours, host, qr }: CreateFlags,
  { api, world, print }: AdminTools,
): Promise<CommandResult> {
  const body = { client, lifetimeHours, host };
  const answer = await api.call('POST', apiPath('enrolments'), CreatedEnrolmentModel, { body });
  if (!answer.ok) return answer;
  print(answer.value, (enrolment) => linkText(client, enrolment, { qr, world }));
  return done;
}

/** `masque-vpn admin enroll list` */
export async function listEnrolments(
  flags: EnrolmentFlags,
  { api, print }: AdminTools,
): Promise<CommandResult> {
  const { client, open } = flags;
  const answer = await api.list(apiPath('enrolments'), EnrolmentModel, { client, open });
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0
      ? 'There is no such link.\n'
      : table(
          ['client', 'state', 'made by', 'made', 'until', 'redeemed from', 'id'],
          items.map((enrolment) => [
            enrolment.client,
            enrolment.state,
            enrolment.createdBy,
            instant(enrolment.createdAtMs),
            instant(enrolment.expiresAtMs),
            enrolment.redeemedFrom ?? '-',
            enrolment.id,
          ]),
        ),
  );
  return done;
}

/** `masque-vpn admin enroll revoke ID` */
export async function revokeEnrolment(id: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('DELETE', apiPath('enrolments', id), z.null());
  if (!answer.ok) return answer;
  print({ revoked: id }, () => 'The link is good for nothing now.\n');
  return done;
}
