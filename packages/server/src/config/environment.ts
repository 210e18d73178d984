import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** What the default directories depend on. */
export interface ConfigEnvironment {
  readonly root: boolean;
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** This process's environment. */
export function processEnvironment(): ConfigEnvironment {
  return { root: process.getuid?.() === 0, home: homedir(), variables: process.env };
}

/** `/etc/masque-vpn/server.toml` if it exists, else null. */
export function findConfigFile(): string | null {
  const file = '/etc/masque-vpn/server.toml';
  return existsSync(file) ? file : null;
}

/** Where the server keeps what must survive, unless told otherwise (XDG base directories for ordinary users). */
export function defaultStateDir({ root, home, variables }: ConfigEnvironment): string {
  if (root) return '/var/lib/masque-vpn';
  return join(set(variables['XDG_STATE_HOME']) ?? join(home, '.local', 'state'), 'masque-vpn');
}

/** Where the administration socket is, unless told otherwise. */
export function defaultRuntimeDir({ root, variables }: ConfigEnvironment, stateDir: string): string {
  if (root) return '/run/masque-vpn';
  const runtime = set(variables['XDG_RUNTIME_DIR']);
  return runtime === null ? stateDir : join(runtime, 'masque-vpn');
}

/** The XDG specification ignores variables that are empty or hold a relative path. */
function set(variable: string | undefined): string | null {
  return variable !== undefined && isAbsolute(variable) ? variable : null;
}
