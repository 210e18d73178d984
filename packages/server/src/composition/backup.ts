import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { fail, ok, type Result } from '@masque-vpn/protocol';
import { findConfigFile } from '../config/environment.js';
import { loadConfig } from '../config/load.js';
import type { ServerConfig } from '../config/config.js';
import { formatProblems } from '../config/problem.js';
import {
  idleBackupContent,
  restoreBackup,
  writeBackup,
  type BackupContents,
} from '../store/backup/backup.js';
import type { ServerError } from './foundation.js';
import { storeLocation } from './storeLocation.js';
import { serverVersion } from './version.js';

/** Which server, as on the command line of `masque-vpn server`. */
export interface BackupOptions {
  readonly configFile?: string;
  readonly stateDir?: string;
  readonly runtimeDir?: string;
  /** The file of the backup. */
  readonly file: string;
  /** Whether what is there already may be replaced: the file, or what is in the database. */
  readonly replace: boolean;
  /** UTC milliseconds. */
  readonly now: number;
}

/** What was done. */
export interface BackupReport extends BackupContents {
  /** Where the key is that the backup does not contain, unless it is configured elsewhere. */
  readonly stateDir: string;
}

/**
 * Backs a server's database up: through the server while it runs, else directly. Codes: CONFIG_…, STORE_…, BACKUP_….
 */
export async function backupServer(options: BackupOptions): Promise<Result<BackupReport, ServerError>> {
  const config = readConfig(options);
  if (!config.ok) return config;
  const { stateDir, runtimeDir } = config.value.server;
  const moment = { now: options.now, version: serverVersion() };
  const running = await askServer(join(runtimeDir, 'admin.sock'));
  if (!running.ok) return running;
  const content = running.value ?? idleBackupContent(storeLocation(config.value), moment);
  const written = await writeBackup(options.file, content, options.replace);
  return written.ok ? ok({ ...written.value, stateDir }) : written;
}

/** Restores a server's database, which no server may use meanwhile. Codes: CONFIG_…, STORE_…, BACKUP_…. */
export async function restoreServer(options: BackupOptions): Promise<Result<BackupReport, ServerError>> {
  const config = readConfig(options);
  if (!config.ok) return config;
  const { file, replace, now } = options;
  const restored = await restoreBackup({ file, location: storeLocation(config.value), replace, now });
  return restored.ok ? ok({ ...restored.value, stateDir: config.value.server.stateDir }) : restored;
}

/** The configuration of a server that need not run. */
export function readConfig({
  configFile,
  stateDir,
  runtimeDir,
}: Pick<BackupOptions, 'configFile' | 'stateDir' | 'runtimeDir'>): Result<ServerConfig, ServerError> {
  const overrides = {
    server: {
      ...(stateDir === undefined ? {} : { state_dir: stateDir }),
      ...(runtimeDir === undefined ? {} : { runtime_dir: runtimeDir }),
    },
  };
  const loaded = loadConfig(configFile ?? findConfigFile(), overrides);
  if (loaded.ok) return ok(loaded.config);
  const code = loaded.problems[0]?.code ?? 'CONFIG_BAD_VALUE';
  return fail({ code, message: formatProblems(loaded.problems) });
}

/** The backup of the server at this socket; null: none runs there. */
async function askServer(socketPath: string): Promise<Result<IncomingMessage | null, ServerError>> {
  const answer = await new Promise<IncomingMessage | Error>((resolve) => {
    request({ socketPath, path: '/api/v1/server/backup', agent: false }, resolve).on('error', resolve).end();
  });
  if (answer instanceof Error) {
    const code = 'code' in answer ? String(answer.code) : '';
    // Nobody listens; a socket that may not be opened is the server's of somebody else.
    if (['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(code)) return ok(null);
    const message = `the server at ${socketPath} does not answer: ${answer.message}`;
    return fail({ code: 'STORE_UNAVAILABLE', message });
  }
  if (answer.statusCode === 200) return ok(answer);
  answer.resume();
  const message = `the server at ${socketPath} makes no backup: HTTP ${answer.statusCode ?? 0}; see its log`;
  return fail({ code: 'STORE_UNAVAILABLE', message });
}
