import { z } from 'zod';
import { AdministratorModel, CreatedAdministratorModel, SetUpLinkModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import { table } from '../output/table.js';
import { instant } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** Flags of `admin administrator set`. */
export interface AdministratorFlags {
  readonly role?: string;
  readonly resetTotp?: true;
}

/** `masque-vpn admin administrator list` */
export async function listAdministrators({ api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.list(apiPath('administrators'), AdministratorModel);
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0
      ? 'There is no administrator yet. Create one with: masque-vpn admin administrator add NAME\n'
      : table(
          ['name', 'role', 'state', 'signs in by', 'last login'],
          items.map((administrator) => [
            administrator.id,
            administrator.role,
            administrator.enabled ? 'enabled' : 'disabled',
            waysText(administrator),
            administrator.lastLoginAtMs === null ? 'never' : instant(administrator.lastLoginAtMs),
          ]),
        ),
  );
  return done;
}

/** `masque-vpn admin administrator add NAME` — they choose their password themselves, with a link. */
export async function addAdministrator(
  name: string,
  { role = 'operator' }: AdministratorFlags,
  { api, print }: AdminTools,
): Promise<CommandResult> {
  const body = { name, role };
  const answer = await api.call('POST', apiPath('administrators'), CreatedAdministratorModel, { body });
  if (!answer.ok) return answer;
  print(answer.value, ({ link }) => `${name} is an administrator (${role}).\n${linkText(link)}`);
  return done;
}

/** `masque-vpn admin administrator set NAME`, also for `enable` and `disable`. */
export async function setAdministrator(
  name: string,
  flags: AdministratorFlags & { readonly enabled?: boolean },
  { api, print }: AdminTools,
): Promise<CommandResult> {
  const { role, resetTotp, enabled } = flags;
  const body = { role, resetTotp, enabled };
  const answer = await api.call('PATCH', apiPath('administrators', name), AdministratorModel, { body });
  if (!answer.ok) return answer;
  print(answer.value, (administrator) => {
    const state = administrator.enabled ? 'may sign in' : 'is signed out and may not sign in';
    return `${name} (${administrator.role}) ${state}, by ${waysText(administrator)}.\n`;
  });
  return done;
}

/** `masque-vpn admin administrator link NAME` */
export async function linkAdministrator(name: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('POST', apiPath('administrators', name, 'link'), SetUpLinkModel);
  if (!answer.ok) return answer;
  print(answer.value, linkText);
  return done;
}

/** `masque-vpn admin administrator delete NAME` */
export async function deleteAdministrator(
  name: string,
  { api, print, confirm }: AdminTools,
): Promise<CommandResult> {
  const sure = await confirm(`Delete the administrator ${name} with all sessions and tokens?`);
  if (!sure.ok) return sure;
  const answer = await api.call('DELETE', apiPath('administrators', name), z.null());
  if (!answer.ok) return answer;
  print({ removed: name }, () => `${name} is no longer an administrator.\n`);
  return done;
}

function linkText(link: SetUpLinkModel | null): string {
  if (link === null) return '';
  return [
    'With this link, once, they choose a password; put the address of this server before it:',
    `  ${link.path}`,
    `It is good until ${instant(link.expiresAtMs)} and not shown again.`,
    '',
  ].join('\n');
}

function waysText({ hasPassword, hasTotp, oidcIssuer }: AdministratorModel): string {
  const ways = [
    ...(hasPassword ? [hasTotp ? 'password and code' : 'password'] : []),
    ...(oidcIssuer === null ? [] : [oidcIssuer]),
  ];
  return ways.join(', ') || 'nothing yet';
}
