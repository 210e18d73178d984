import { z } from 'zod';
import { ClientTokenModel, CreatedClientTokenModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import type { Moment } from '../input/moment.js';
import { table } from '../output/table.js';
import { instant } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** `masque-vpn admin client token add CLIENT`; the text alone goes to standard output. */
export async function addClientToken(
  client: string,
  { expires }: { readonly expires?: Moment },
  { api, world, print }: AdminTools,
): Promise<CommandResult> {
  const body = { client, expiresAtMs: expires?.(world.now()) ?? null };
  const answer = await api.call('POST', apiPath('client-tokens'), CreatedClientTokenModel, { body });
  if (!answer.ok) return answer;
  print(answer.value, ({ text, accepted }) => {
    const note = accepted ? '' : ' The server lets no token in: set auth.client_tokens in server.toml.';
    world.err.write(`Whoever has this token is ${client}; it is not shown again.${note}\n`);
    return `${text}\n`;
  });
  return done;
}

/** `masque-vpn admin client token list` */
export async function listClientTokens(
  { client }: { readonly client?: string },
  { api, print }: AdminTools,
): Promise<CommandResult> {
  const answer = await api.list(apiPath('client-tokens'), ClientTokenModel, { client });
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0
      ? 'There is no such token.\n'
      : table(
          ['client', 'made', 'until', 'id'],
          items.map((token) => [token.client, instant(token.createdAtMs), untilText(token), token.id]),
        ),
  );
  return done;
}

/** `masque-vpn admin client token revoke ID` */
export async function revokeClientToken(id: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('DELETE', apiPath('client-tokens', id), z.null());
  if (!answer.ok) return answer;
  print({ revoked: id }, () => 'The token is good for nothing now.\n');
  return done;
}

function untilText({ revokedAtMs, expiresAtMs }: ClientTokenModel): string {
  if (revokedAtMs !== null) return `revoked ${instant(revokedAtMs)}`;
  return expiresAtMs === null ? 'it is revoked' : instant(expiresAtMs);
}
