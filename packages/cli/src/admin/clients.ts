import { z } from 'zod';
import { ClientModel, DisconnectedModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import type { Moment } from '../input/moment.js';
import { facts, table } from '../output/table.js';
import { instant } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';
import { limitChange, limitFacts, type LimitFlags } from './limits.js';

/** Flags of `admin client list`. */
export interface ListFlags {
  readonly group?: string;
  readonly search?: string;
  readonly online?: true;
  readonly disabled?: true;
}

/** Flags of `admin client set`. */
export interface SetFlags extends LimitFlags {
  readonly displayName?: string;
  readonly note?: string;
  readonly expires?: Moment | 'never';
  readonly group?: readonly string[];
}

/** `masque-vpn admin client list` */
export async function listClients(flags: ListFlags, { api, print }: AdminTools): Promise<CommandResult> {
  const { group, search: q, online, disabled } = flags;
  const enabled = disabled === true ? false : undefined;
  const answer = await api.list(apiPath('clients'), ClientModel, { group, q, online, enabled });
  if (!answer.ok) return answer;
  const isFiltered = Object.keys(flags).some((name) => name !== 'json' && name !== 'socket');
  print({ items: answer.value }, ({ items }) => {
    if (items.length > 0) return clientTable(items);
    return isFiltered
      ? 'No client is like that.\n'
      : 'There is no client yet. Create one with: masque-vpn admin client add NAME\n';
  });
  return done;
}

function clientTable(clients: readonly ClientModel[]): string {
  return table(
    ['name', 'state', 'groups', 'sessions', 'addresses', 'certificate until'],
    clients.map((client) => [
      client.id,
      stateText(client),
      client.groups.join(' ') || '-',
      String(client.openSessions),
      client.addresses.join(' ') || '-',
      validUntil(client),
    ]),
  );
}

/** `masque-vpn admin client show NAME` */
export async function showClient(name: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', apiPath('clients', name), ClientModel);
  if (!answer.ok) return answer;
  print(answer.value, clientText);
  return done;
}

function clientText(client: ClientModel): string {
  return facts([
    ['name', client.id],
    ...(client.displayName === '' || client.displayName === client.id
      ? []
      : [['shown as', client.displayName] as const]),
    ...(client.note === null ? [] : [['note', client.note] as const]),
    ['state', stateText(client)],
    ['groups', client.groups.join(', ') || 'none: no rule lets it do anything'],
    ['created', instant(client.createdAtMs)],
    ...(client.expiresAtMs === null ? [] : [['expires', instant(client.expiresAtMs)] as const]),
    ...(client.owner === null ? [] : [['enrolled by', client.owner] as const]),
    ['open sessions', String(client.openSessions)],
    ['last connected', client.lastConnectedAtMs === null ? 'never' : instant(client.lastConnectedAtMs)],
    ['addresses', client.addresses.join(', ') || 'none yet'],
    ...limitFacts(client.limits),
    ...client.certificates.map(
      ({ sha256, notAfterMs, revokedAtMs }) =>
        [
          'certificate',
          `${sha256} ${revokedAtMs === null ? `until ${instant(notAfterMs)}` : `revoked ${instant(revokedAtMs)}`}`,
        ] as const,
    ),
  ]);
}

/** `masque-vpn admin client set NAME` */
export async function setClient(name: string, flags: SetFlags, tools: AdminTools): Promise<CommandResult> {
  const { api, world, print } = tools;
  const limits = limitChange(flags);
  if (!limits.ok) return limits;
  const body = {
    displayName: flags.displayName,
    note: flags.note === '' ? null : flags.note,
    expiresAtMs: flags.expires === 'never' ? null : flags.expires?.(world.now()),
    groups: flags.group,
    limits: limits.value,
  };
  const answer = await api.call('PATCH', apiPath('clients', name), ClientModel, { body });
  if (!answer.ok) return answer;
  print(answer.value, clientText);
  return done;
}

/** `masque-vpn admin client enable|disable NAME` */
export async function setEnabled(
  name: string,
  enabled: boolean,
  { api, print }: AdminTools,
): Promise<CommandResult> {
  const answer = await api.call('PATCH', apiPath('clients', name), ClientModel, { body: { enabled } });
  if (!answer.ok) return answer;
  print(answer.value, (client) =>
    client.enabled
      ? `${client.id} may connect.\n`
      : `${client.id} is disconnected and refused until it is enabled again.\n`,
  );
  return done;
}

/** `masque-vpn admin client disconnect NAME` */
export async function disconnectClient(name: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('DELETE', apiPath('clients', name, 'sessions'), DisconnectedModel);
  if (!answer.ok) return answer;
  print(answer.value, ({ sessionsEnded }) =>
    sessionsEnded === 0
      ? `${name} was not connected.\n`
      : `${name} is disconnected; it may come back. To keep it out: masque-vpn admin client disable ${name}\n`,
  );
  return done;
}

/** `masque-vpn admin client delete NAME` */
export async function deleteClient(
  name: string,
  { api, print, confirm }: AdminTools,
): Promise<CommandResult> {
  const found = await api.call('GET', apiPath('clients', name), ClientModel);
  if (!found.ok) return found;
  const sure = await confirm(`Delete ${name} with its certificates, and end its sessions?`);
  if (!sure.ok) return sure;
  const answer = await api.call('DELETE', apiPath('clients', name), z.null());
  if (!answer.ok) return answer;
  print(
    { removed: name },
    () => `${name} is removed: its sessions are ended and its certificates refused.\n`,
  );
  return done;
}

function stateText({ enabled, expiresAtMs }: ClientModel): string {
  if (!enabled) return 'disabled';
  return expiresAtMs === null ? 'enabled' : `until ${instant(expiresAtMs)}`;
}

function validUntil({ certificates }: ClientModel): string {
  const good = certificates.filter(({ revokedAtMs }) => revokedAtMs === null);
  return good.length === 0 ? '-' : instant(Math.max(...good.map(({ notAfterMs }) => notAfterMs)));
}
