import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where a client keeps what outlives it, and what must not. */
export interface ClientDirectories {
  /** Instance ids and the journal of host changes. */
  readonly state: string;
  /** Status sockets. */
  readonly runtime: string;
}

/** Who asks: everything the defaults depend on. */
export interface Surroundings {
  /** Effective user id; 0 is root. */
  readonly uid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The surroundings of this process. */
export function currentSurroundings(): Surroundings {
  return { uid: process.geteuid?.() ?? -1, env: process.env };
}

/** The default directories: below /var/lib and /run for root, else of the user (XDG Base Directory). */
export function clientDirectories({ uid, env }: Surroundings): ClientDirectories {
  if (uid === 0) return { state: '/var/lib/masque-vpn-client', runtime: '/run/masque-vpn-client' };
  const state = join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'masque-vpn-client');
  const runtime = env['XDG_RUNTIME_DIR'];
  return { state, runtime: runtime === undefined ? state : join(runtime, 'masque-vpn-client') };
}
