import { fail, ok, type Result } from '@masque-vpn/protocol';
import { schemaVersion } from '../migrations.js';
import type { StoreLocation } from '../store.js';
import { StoreError, type StoreErrorCode } from '../storeError.js';
import type { Snapshot } from '../openDatabase.js';
import { BackupError, type BackupErrorCode } from './backupError.js';
import { checkBackupFile, compressed, writeBackupFile } from './backupFile.js';
import { dump } from './dump.js';
import { openIdle, snapshotOf } from './maintenance.js';
import { restore } from './restore.js';
import type { Readable } from 'node:stream';

/** Why there is no backup, or nothing was restored. */
export interface BackupFailure {
  readonly code: BackupErrorCode | StoreErrorCode;
  readonly message: string;
}

/** What a backup contains. */
export interface BackupContents {
  readonly rows: number;
  /** When it was made, UTC milliseconds. */
  readonly createdAt: number;
}

export interface BackupMoment {
  /** UTC milliseconds. */
  readonly now: number;
  /** Of this program. */
  readonly version: string;
}

/** The content of a backup file, made as it is read; the snapshot is disposed of at its end. */
export function backupContent(snapshot: () => Promise<Snapshot>, { now, version }: BackupMoment): Readable {
  return compressed(
    (async function* () {
      await using opened = await snapshot();
      yield* dump(opened.database, { now, version, database: opened.kind });
    })(),
  );
}

/**
 * Writes content to a file, on disk and checked when it returns.
 *
 * @param replace whether a file of that name may be replaced
 */
export async function writeBackup(
  file: string,
  content: Readable,
  replace: boolean,
): Promise<Result<BackupContents, BackupFailure>> {
  return asResult(async () => {
    await writeBackupFile(file, content, replace);
    const { rows, header } = await checkBackupFile(file, schemaVersion);
    return { rows, createdAt: header.createdAt };
  });
}

/** Content of the database that no server has open. */
export function idleBackupContent(location: StoreLocation, moment: BackupMoment): Readable {
  return backupContent(() => snapshotOf(location), moment);
}

/**
 * Makes a database that no server uses what it was when the backup was made: all of it, or nothing is changed. The
 * backup may be of SQLite or PostgreSQL, and of an older version.
 *
 * @param replace whether what is in the database may be replaced
 */
export async function restoreBackup(options: {
  readonly file: string;
  readonly location: StoreLocation;
  readonly replace: boolean;
  readonly now: number;
}): Promise<Result<BackupContents, BackupFailure>> {
  const { file, location, replace, now } = options;
  return asResult(async () => {
    const backup = await checkBackupFile(file, schemaVersion);
    await using opened = await openIdle(location, replace, now);
    await restore(opened.database, backup, { replace, now, lock: opened.lock });
    return { rows: backup.rows, createdAt: backup.header.createdAt };
  });
}

async function asResult<T>(work: () => Promise<T>): Promise<Result<T, BackupFailure>> {
  try {
    return ok(await work());
  } catch (error) {
    if (error instanceof BackupError || error instanceof StoreError) {
      return fail({ code: error.code, message: error.message });
    }
    throw error;
  }
}
