import type { ServerConfig } from './config.js';
import type { ConfigProblem } from './problem.js';

/** Values that win over the file, keyed as in the file. */
export interface ConfigOverrides {
  readonly server?: {
    readonly listen?: string;
    readonly host?: string;
    readonly path?: string;
    readonly state_dir?: string;
    readonly runtime_dir?: string;
  };
  readonly api?: { readonly listen?: string };
  readonly tunnel?: { readonly name?: string };
  readonly log?: { readonly level?: string; readonly format?: string };
}

/** What the default directories depend on. */
export interface ConfigEnvironment {
  readonly root: boolean;
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: ServerConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** This process's environment. */
export function processEnvironment(): ConfigEnvironment {
  return { root: process.getuid?.() === 0, home: process.env['HOME'] ?? '/', variables: process.env };
}

/** `/etc/masque-vpn/server.toml` if it exists, else null. */
export function findConfigFile(): string | null {
  return null;
}

/** Reads and checks `file`; null: complete defaults. Reports every problem at once. */
export function loadConfig(
  file: string | null,
  overrides: ConfigOverrides = {},
  environment: ConfigEnvironment = processEnvironment(),
): ConfigResult {
  throw new Error(`not built yet: ${file ?? ''} ${Object.keys(overrides).length} ${environment.home}`);
}
