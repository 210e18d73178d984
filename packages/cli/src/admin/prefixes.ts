import { z } from 'zod';
import { ClientPrefixListModel, ClientPrefixModel } from '@masque-vpn/server/models';
import { commandFailed, type CommandResult, done } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import { table } from '../output/table.js';
import { instant } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** `masque-vpn admin client network list CLIENT` */
export async function listPrefixes(client: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', apiPath('clients', client, 'prefixes'), ClientPrefixListModel);
  if (!answer.ok) return answer;
  print(answer.value, ({ items }) =>
    items.length === 0
      ? `${client} may lead to no network.\n`
      : table(
          ['network', 'in use', 'since'],
          items.map(({ prefix, active, createdAtMs }) => [
            prefix,
            active ? 'yes' : 'no',
            instant(createdAtMs),
          ]),
        ),
  );
  return done;
}

/** `masque-vpn admin client network add CLIENT PREFIX` */
export async function addPrefix(
  client: string,
  prefix: string,
  { api, print }: AdminTools,
): Promise<CommandResult> {
  const path = apiPath('clients', client, 'prefixes');
  const answer = await api.call('POST', path, ClientPrefixModel, { body: { prefix } });
  if (!answer.ok) return answer;
  print(answer.value, () =>
    [
      `${client} may lead to ${prefix}. It has to offer it: in its profile,`,
      '  [tunnel]',
      `  advertise = ["${prefix}"]`,
      `and rules decide who reaches it: masque-vpn admin rule add allow --from … --to client:${client}`,
      '',
    ].join('\n'),
  );
  return done;
}

/** `masque-vpn admin client network delete CLIENT PREFIX` */
export async function deletePrefix(
  client: string,
  prefix: string,
  { api, print }: AdminTools,
): Promise<CommandResult> {
  const path = apiPath('clients', client, 'prefixes');
  const listed = await api.call('GET', path, ClientPrefixListModel);
  if (!listed.ok) return listed;
  const found = listed.value.items.find((item) => item.prefix === prefix || item.id === prefix);
  if (found === undefined) {
    return commandFailed('CLI_INVALID_ARGUMENT', `${client} has no network ${prefix}.`, exitCodes.usage);
  }
  const answer = await api.call('DELETE', apiPath('clients', client, 'prefixes', found.id), z.null());
  if (!answer.ok) return answer;
  print({ removed: found.prefix }, () => `${client} leads to ${found.prefix} no longer.\n`);
  return done;
}
