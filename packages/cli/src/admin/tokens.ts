import { z } from 'zod';
import { CreatedTokenModel, TokenModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import type { Moment } from '../input/moment.js';
import { table } from '../output/table.js';
import { instant } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** Flags of `admin token add`. */
export interface TokenFlags {
  readonly permission: readonly string[];
  readonly expires?: Moment;
}

/** `masque-vpn admin token list` */
export async function listTokens({ api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.list(apiPath('tokens'), TokenModel);
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0
      ? 'There is no token.\n'
      : table(
          ['name', 'may', 'until', 'last used', 'id'],
          items.map((token) => [
            token.name,
            token.permissions.join(','),
            untilText(token),
            token.lastUsedAtMs === null ? 'never' : instant(token.lastUsedAtMs),
            token.id,
          ]),
        ),
  );
  return done;
}

/** `masque-vpn admin token add NAME`; the text alone goes to standard output, so that it can be piped. */
export async function addToken(name: string, flags: TokenFlags, tools: AdminTools): Promise<CommandResult> {
  const { api, world, print } = tools;
  const expiresAtMs = flags.expires?.(world.now()) ?? null;
  const body = { name, permissions: flags.permission, expiresAtMs };
  const answer = await api.call('POST', apiPath('tokens'), CreatedTokenModel, { body });
  if (!answer.ok) return answer;
  print(answer.value, ({ text, token }) => {
    const end = token.expiresAtMs === null ? 'until it is revoked' : `until ${instant(token.expiresAtMs)}`;
    world.err.write(`This token is good ${end} and is not shown again:\n`);
    return `${text}\n`;
  });
  return done;
}

/** `masque-vpn admin token revoke ID` */
export async function revokeToken(id: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('DELETE', apiPath('tokens', id), z.null());
  if (!answer.ok) return answer;
  print({ revoked: id }, () => 'The token is good for nothing now.\n');
  return done;
}

function untilText({ revokedAtMs, expiresAtMs }: TokenModel): string {
  if (revokedAtMs !== null) return `revoked ${instant(revokedAtMs)}`;
  return expiresAtMs === null ? 'it is revoked' : instant(expiresAtMs);
}
