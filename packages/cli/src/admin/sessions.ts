import { SessionListModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import { table } from '../output/table.js';
import { bytes, duration } from '../output/units.js';
import type { AdminTools } from './adminContext.js';

/** `masque-vpn admin session list`; `down` is towards the client. */
export async function listSessions({ api, world, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', '/api/v1/sessions', SessionListModel);
  if (!answer.ok) return answer;
  print(answer.value, ({ items }) =>
    items.length === 0
      ? 'Nobody is connected.\n'
      : table(
          ['client', 'from', 'addresses', 'for', 'up', 'down', 'mtu'],
          items.map((session) => [
            session.clientId,
            session.remoteAddress,
            session.addresses.join(' '),
            duration(world.now() - session.startedAtMs),
            bytes(session.bytesReceived),
            bytes(session.bytesSent),
            session.tunnelMtu === null ? '-' : String(session.tunnelMtu),
          ]),
        ),
  );
  return done;
}
