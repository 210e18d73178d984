import { z } from 'zod';
import { GroupModel, MemberModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import { facts, table } from '../output/table.js';
import { instant } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';
import { limitChange, limitFacts, type LimitFlags } from './limits.js';

/** Flags of `admin group add` and `set`. */
export interface GroupFlags extends LimitFlags {
  readonly displayName?: string;
  readonly note?: string;
  readonly claim?: string;
}

/** `masque-vpn admin group list` */
export async function listGroups({ api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.list(apiPath('groups'), GroupModel);
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0
      ? 'There is no group. Create one with: masque-vpn admin group add NAME\n'
      : table(
          ['name', 'members', 'limits', 'shown as'],
          items.map((group) => [
            group.id,
            String(group.members),
            limitFacts(group.limits)
              .map(([name, value]) => `${name} ${value}`)
              .join('; ') || '-',
            group.displayName,
          ]),
        ),
  );
  return done;
}

/** `masque-vpn admin group show NAME` */
export async function showGroup(name: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', apiPath('groups', name), GroupModel);
  if (!answer.ok) return answer;
  print(answer.value, groupText);
  return done;
}

/** `masque-vpn admin group add NAME` */
export async function addGroup(name: string, flags: GroupFlags, tools: AdminTools): Promise<CommandResult> {
  const change = groupChange(flags);
  if (!change.ok) return change;
  const body = { id: name, ...change.value };
  const answer = await tools.api.call('POST', apiPath('groups'), GroupModel, { body });
  if (!answer.ok) return answer;
  tools.print(answer.value, () =>
    [
      `${name} is a group. Put clients into it, and say what they may:`,
      `  masque-vpn admin group member add ${name} CLIENT`,
      `  masque-vpn admin rule add allow --from group:${name} --to any`,
      '',
    ].join('\n'),
  );
  return done;
}

/** `masque-vpn admin group set NAME` */
export async function setGroup(name: string, flags: GroupFlags, tools: AdminTools): Promise<CommandResult> {
  const change = groupChange(flags);
  if (!change.ok) return change;
  const answer = await tools.api.call('PATCH', apiPath('groups', name), GroupModel, { body: change.value });
  if (!answer.ok) return answer;
  tools.print(answer.value, groupText);
  return done;
}

/** `masque-vpn admin group delete NAME` */
export async function deleteGroup(name: string, { api, print, confirm }: AdminTools): Promise<CommandResult> {
  const found = await api.call('GET', apiPath('groups', name), GroupModel);
  if (!found.ok) return found;
  const { members } = found.value;
  const sure = await confirm(
    `Delete the group ${name}, which has ${members} ${members === 1 ? 'member' : 'members'}?`,
  );
  if (!sure.ok) return sure;
  const answer = await api.call('DELETE', apiPath('groups', name), z.null());
  if (!answer.ok) return answer;
  print({ removed: name }, () => `${name} is removed; its members stay clients.\n`);
  return done;
}

/** `masque-vpn admin group member list GROUP` */
export async function listMembers(group: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.list(apiPath('groups', group, 'members'), MemberModel);
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0 ? `${group} has no members.\n` : items.map(({ clientId }) => `${clientId}\n`).join(''),
  );
  return done;
}

/** `masque-vpn admin group member add|remove GROUP CLIENT…`; what was done before a failure stays. */
export async function changeMembers(
  group: string,
  clients: readonly string[],
  verb: 'add' | 'remove',
  { api, print }: AdminTools,
): Promise<CommandResult> {
  for (const client of clients) {
    const path = apiPath('groups', group, 'members', client);
    const answer = await api.call(verb === 'add' ? 'PUT' : 'DELETE', path, z.unknown());
    if (!answer.ok) return answer;
  }
  const names = clients.join(', ');
  const verbs = clients.length === 1 ? 'is' : 'are';
  print({ group, clients }, () =>
    verb === 'add' ? `${names} ${verbs} in ${group}.\n` : `${names} ${verbs} no longer in ${group}.\n`,
  );
  return done;
}

function groupChange(flags: GroupFlags): CommandResult<Record<string, unknown>> {
  const limits = limitChange(flags);
  if (!limits.ok) return limits;
  const { displayName, note, claim } = flags;
  const orNull = (text: string | undefined): string | null | undefined => (text === '' ? null : text);
  return {
    ok: true,
    value: { displayName, note: orNull(note), oidcClaim: orNull(claim), limits: limits.value },
  };
}

function groupText(group: GroupModel): string {
  return facts([
    ['name', group.id],
    ...(group.displayName === group.id ? [] : [['shown as', group.displayName] as const]),
    ...(group.note === null ? [] : [['note', group.note] as const]),
    ['members', String(group.members)],
    ...(group.oidcClaim === null ? [] : [['OIDC claim', group.oidcClaim] as const]),
    ['created', instant(group.createdAtMs)],
    ...limitFacts(group.limits),
  ]);
}
