import { StatusModel } from '@masque-vpn/server/models';
import { type CommandResult, done } from '../commandResult.js';
import { facts } from '../output/table.js';
import { duration } from '../output/units.js';
import type { AdminTools } from './adminContext.js';

/** `masque-vpn admin status` */
export async function showServerStatus({ api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', '/api/v1/status', StatusModel);
  if (!answer.ok) return answer;
  print(answer.value, serverStatusText);
  return done;
}

/** A server's status for people. */
export function serverStatusText(status: StatusModel): string {
  const { tun, pool, clients, sessions } = status;
  return facts([
    ['version', status.version],
    ['running for', duration(status.uptimeSeconds * 1000)],
    ['listening on', `${status.udpAddress} (UDP)`],
    ['tunnel', tun.active ? `${tun.name}, MTU ${tun.mtu}` : 'not available'],
    ...(tun.problem === null ? [] : [['', `${tun.problem.message} (${tun.problem.code})`] as const]),
    ['database', status.store.available ? 'available' : 'not available'],
    ['clients', `${clients.total}, ${clients.enabled} enabled`],
    ['sessions', `${sessions.open} open, ${sessions.total} since the start`],
    ['IPv4 pool', `${pool.ipv4.used} of ${pool.ipv4.total} addresses used`],
    ['IPv6 pool', `${pool.ipv6.used} addresses used`],
    ['authority', status.caSha256],
  ]);
}
