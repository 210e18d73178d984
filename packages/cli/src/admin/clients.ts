import { ClientListModel, ClientModel } from '@masque-vpn/server/models';
import { z } from 'zod';
import { type CommandResult, done } from '../commandResult.js';
import { facts, table } from '../output/table.js';
import { instant } from '../output/units.js';
import type { AdminTools } from './adminContext.js';

/** `masque-vpn admin client list` */
export async function listClients({ api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', '/api/v1/clients', ClientListModel);
  if (!answer.ok) return answer;
  print(answer.value, ({ items }) =>
    items.length === 0
      ? 'There is no client yet. Create one with: masque-vpn admin client add NAME\n'
      : table(
          ['name', 'state', 'sessions', 'addresses', 'certificate until'],
          items.map((client) => [
            client.id,
            client.enabled ? 'enabled' : 'disabled',
            String(client.openSessions),
            client.addresses.join(' ') || '-',
            validUntil(client),
          ]),
        ),
  );
  return done;
}

/** `masque-vpn admin client show NAME` */
export async function showClient(name: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', path(name), ClientModel);
  if (!answer.ok) return answer;
  print(answer.value, (client) =>
    facts([
      ['name', client.id],
      ['state', client.enabled ? 'enabled' : 'disabled'],
      ['created', instant(client.createdAtMs)],
      ['open sessions', String(client.openSessions)],
      ['addresses', client.addresses.join(', ') || 'none yet'],
      ...client.certificates.map(
        ({ sha256, notAfterMs }) => ['certificate', `${sha256} until ${instant(notAfterMs)}`] as const,
      ),
    ]),
  );
  return done;
}

/** `masque-vpn admin client enable|disable NAME` */
export async function setEnabled(
  name: string,
  enabled: boolean,
  { api, print }: AdminTools,
): Promise<CommandResult> {
  const answer = await api.call('PATCH', path(name), ClientModel, { enabled });
  if (!answer.ok) return answer;
  print(answer.value, (client) =>
    client.enabled
      ? `${client.id} may connect.\n`
      : `${client.id} is disconnected and refused until it is enabled again.\n`,
  );
  return done;
}

/** `masque-vpn admin client remove NAME` */
export async function removeClient(name: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('DELETE', path(name), z.unknown());
  if (!answer.ok) return answer;
  print({ removed: name }, () => `${name} is removed. Its profile is of no use any more.\n`);
  return done;
}

function path(name: string): string {
  return `/api/v1/clients/${encodeURIComponent(name)}`;
}

function validUntil(client: ClientModel): string {
  const last = Math.max(...client.certificates.map(({ notAfterMs }) => notAfterMs));
  return Number.isFinite(last) ? instant(last).slice(0, 10) : '-';
}
