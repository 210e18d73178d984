import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Host, HostFacts } from '@masque-vpn/host';
import { fail, ok, parsePathTemplate, type PathTemplate, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import { openPools, type Pools } from '../addressing/pools.js';
import { ClientDirectory } from '../clients/directory.js';
import type { ServerConfig } from '../config/config.js';
import { PolicyBook } from '../policy/book.js';
import { ensureFirstPolicy } from '../policy/firstStart.js';
import { arrive } from '../servers/presence.js';
import { RuntimeSettings } from '../settings/runtimeSettings.js';
import type { Cleanup } from '../process/cleanup.js';
import type { Clock } from '../process/clock.js';
import { serverIdOf } from './serverId.js';
import { storeLocation } from './storeLocation.js';
import { leasesOf } from '../store/leases.js';
import type { Store, StoreOptions, StoreResult } from '../store/store.js';
import { StoreError } from '../store/storeError.js';
import type { StoreObserver } from '../store/storeObserver.js';
import { monthOf } from '../usage/account.js';
import { serverNames, type ServerNames } from './names.js';
import { openTrust, type Trust } from './trust.js';

/** Failures of a start that no part of the server has a code for. */
export const startErrorCodes = ['SERVER_FOLDER_FAILED'] as const;

/** Cause of sessions that a crash left open, in the history. */
export const crashCause = 'SERVER_CRASHED';

/** Why the server did not start; every code is in `docs/errors.md`. */
export interface ServerError {
  readonly code: string;
  /** One or more lines for people: what happened, where, what to do. */
  readonly message: string;
}

/** Opens the database: `openStore`, or what a test puts in its place. */
export type OpenStore = (options: StoreOptions) => Promise<StoreResult>;

/** What everything else stands on: state on disk and the names of this machine. */
export interface Foundation extends Trust {
  readonly path: PathTemplate;
  readonly store: Store;
  /** Which of the servers on this database this is; null: the only one. */
  readonly serverId: string | null;
  readonly directory: ClientDirectory;
  readonly book: PolicyBook;
  /** What each client has moved this month. */
  readonly bytesOfMonth: ReadonlyMap<string, number>;
  readonly settings: RuntimeSettings;
  /** Client (uuid) → start of its last session, UTC milliseconds. */
  readonly lastConnected: ReadonlyMap<string, number>;
  readonly pools: Pools;
  readonly names: ServerNames;
}

export interface FoundationOptions {
  readonly config: ServerConfig;
  readonly openStore: OpenStore;
  readonly storeObserver: StoreObserver;
  readonly host: Host;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
}

/** Opens folders, database, addresses, certificates. What was opened is left to `cleanup`, also after a failure. */
export async function layFoundation(options: FoundationOptions): Promise<Result<Foundation, ServerError>> {
  const { config, clock, logger, cleanup } = options;
  const { stateDir, runtimeDir } = config.server;
  const path = parsePathTemplate(config.server.path);
  if (!path.ok) return fail(path.error);
  const folders = await makeFolders([stateDir, runtimeDir]);
  if (!folders.ok) return folders;
  const server = await serverIdOf(config);
  if (!server.ok) return server;
  const serverId = server.value;
  const location = storeLocation(config);
  const opened = await options.openStore({ location, clock, logger, observer: options.storeObserver });
  if (!opened.ok) return fail(opened.error);
  const store = opened.value;
  cleanup.defer('database', () => store.close());
  const now = Math.trunc(clock.now());
  const names = serverNames({
    configured: config.server.host,
    hostname: hostname(),
    facts: await readFacts(options),
  });
  try {
    const trust = await openTrust({ ...options, store, names });
    if (!trust.ok) return trust;
    const { ipv4, ipv6, quarantineMs } = config.pool;
    const pools = await openPools({
      ipv4,
      ipv6,
      quarantineMs,
      store: leasesOf(store.leases, serverId),
      logger,
      now,
    });
    cleanup.defer('addresses', () => pools[Symbol.asyncDispose]());
    const self = serverId === null ? null : { uuid: serverId, name: hostname() };
    const abandoned = await arrive(store, self, { now, cause: crashCause });
    if (abandoned > 0) logger.warn({ sessions: abandoned }, 'the last run did not end in order');
    const directory = await ClientDirectory.load(store);
    await ensureFirstPolicy(store, now);
    const book = await PolicyBook.load(store);
    const bytesOfMonth = await store.usage.bytesOfMonth(monthOf(now));
    const settings = await RuntimeSettings.load({ store, clock, logger });
    cleanup.defer('settings', () => settings[Symbol.dispose]());
    const lastConnected = await store.sessionHistory.lastStarts();
    return ok({
      path: path.value,
      store,
      serverId,
      directory,
      book,
      bytesOfMonth,
      settings,
      lastConnected,
      pools,
      names,
      ...trust.value,
    });
  } catch (error) {
    if (error instanceof StoreError) return fail({ code: error.code, message: error.message });
    throw error;
  }
}

async function makeFolders(folders: readonly string[]): Promise<Result<void, ServerError>> {
  for (const folder of folders) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return fail({
        code: 'SERVER_FOLDER_FAILED',
        message: `${folder} cannot be made: ${reason}; run as root, or choose another with --state-dir and --runtime-dir`,
      });
    }
  }
  return ok(undefined);
}

/** Without them the server still runs, under fewer names. */
async function readFacts({ host, logger }: FoundationOptions): Promise<HostFacts | null> {
  const facts = await host.facts();
  if (facts.ok) return facts.value;
  logger.warn({ err: facts.error }, 'the addresses of this machine are not known');
  return null;
}
