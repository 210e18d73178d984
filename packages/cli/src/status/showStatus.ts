import { clientDirectories, type ClientStatus, readClientStatuses } from '@masque-vpn/client/status';
import { StatusModel } from '@masque-vpn/server/models';
import { AdminApi } from '../admin/adminApi.js';
import { serverStatusText } from '../admin/serverStatus.js';
import { defaultAdminSocket } from '../admin/socketPath.js';
import { commandFailed, type CommandResult, done } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import type { World } from '../world.js';
import { clientStatusText } from './clientStatusText.js';

/** Flags of `masque-vpn status`. */
export interface StatusFlags {
  readonly json?: true;
  readonly runtimeDir?: string;
  readonly socket?: string;
}

/** `masque-vpn status` — what runs here, clients first. */
export async function showStatus(flags: StatusFlags, world: World): Promise<CommandResult> {
  const clients = await statuses(flags.runtimeDir ?? clientDirectories(world).runtime);
  if (!clients.ok) return clients;
  const api = new AdminApi(flags.socket ?? defaultAdminSocket(world));
  const asked = await api.call('GET', '/api/v1/status', StatusModel);
  if (!asked.ok && asked.error.code !== 'ADMIN_SERVER_NOT_RUNNING') return asked;
  const server = asked.ok ? asked.value : null;
  if (flags.json === true) {
    world.out.write(`${JSON.stringify({ clients: clients.value, server })}\n`);
    return done;
  }
  if (server === null && clients.value.length === 0) {
    return commandFailed(
      'CLI_NOTHING_RUNS',
      'Neither a client nor a server of yours runs here.',
      exitCodes.notRunning,
    );
  }
  const parts = clients.value.map((client) => clientStatusText(client, world.now()));
  if (server !== null) parts.push(`server\n${indented(serverStatusText(server))}`);
  world.out.write(parts.join('\n'));
  return done;
}

async function statuses(directory: string): Promise<CommandResult<ClientStatus[]>> {
  try {
    return { ok: true, value: await readClientStatuses(directory) };
  } catch (error) {
    const message = `${directory} cannot be read: ${error instanceof Error ? error.message : String(error)}. Try again with sudo.`;
    return commandFailed('ADMIN_PERMISSION_DENIED', message, exitCodes.permission);
  }
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
