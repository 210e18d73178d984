import type { Engine, EngineOptions, EngineResult } from '@masque-vpn/engine';
import type { Clock } from './process/clock.js';

/** Everything `startServer` takes from outside; tests replace the last group. */
export interface ServerOptions {
  /** `--config`; absent: `/etc/masque-vpn/server.toml` if it exists, else defaults. */
  readonly configFile?: string;
  /** `--state-dir`, `--runtime-dir`: win over the file. */
  readonly stateDir?: string;
  readonly runtimeDir?: string;
  /** Lines for the person at the terminal; absent: none. */
  readonly print?: (line: string) => void;

  readonly openEngine?: (options: EngineOptions) => EngineResult<Engine>;
  readonly clock?: Clock;
}

/** Why the server did not start; every code is in `docs/errors.md`. */
export interface ServerError {
  readonly code: string;
  /** One or more lines for people: what happened, where, what to do. */
  readonly message: string;
}

export interface RunningServer extends AsyncDisposable {
  /** Bound UDP address. */
  readonly udpAddress: string;
  /** Bound address of the API and metrics, `host:port`. */
  readonly apiAddress: string;
  /** Path of the administration socket. */
  readonly adminSocket: string;
  /** Refuses new tunnels, ends the open ones (at most `drain_seconds`), undoes the host changes. Idempotent. */
  stop(): Promise<void>;
}

export type ServerResult =
  { readonly ok: true; readonly value: RunningServer } | { readonly ok: false; readonly error: ServerError };

/** Composes and starts a server; the only place where its parts meet. */
export function startServer(options: ServerOptions): Promise<ServerResult> {
  void options;
  return Promise.resolve({
    ok: false,
    error: { code: 'SERVER_NOT_BUILT', message: 'the composition root is not written yet' },
  });
}
