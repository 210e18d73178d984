import { homedir } from 'node:os';
import { join } from 'node:path';
import type { World } from '../world.js';

/** Where a server with default directories, started by this same user, has its administration socket. */
export function defaultAdminSocket({ uid, env }: Pick<World, 'uid' | 'env'>): string {
  if (uid === 0) return '/run/masque-vpn/admin.sock';
  const runtime = env['XDG_RUNTIME_DIR'];
  if (runtime !== undefined) return join(runtime, 'masque-vpn', 'admin.sock');
  const state = env['XDG_STATE_HOME'] ?? join(env['HOME'] ?? homedir(), '.local', 'state');
  return join(state, 'masque-vpn', 'admin.sock');
}
