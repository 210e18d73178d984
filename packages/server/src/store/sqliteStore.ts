import { closeSync, mkdirSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Kysely } from 'kysely';
import { noOtherServers } from './changes.js';
import { migrate, schemaVersion } from './migrations.js';
import type { OpenDatabase, Snapshot } from './openDatabase.js';
import { silentObserver, type QueryObserver } from './queryObserver.js';
import type { Database } from './schema.js';
import { SqliteThreadDialect } from './sqliteDialect.js';
import { SqliteThread } from './sqliteThread.js';
import { storeErrorOfSqlite } from './storeError.js';
import type { StoreHealth } from './storeHealth.js';
import { TransactionScope } from './transactionScope.js';

/** Opens (or makes) the file and migrates it; throws a StoreError. */
export async function openSqlite(file: string, now: number, health: StoreHealth): Promise<OpenDatabase> {
  const { thread, database, scope } = await connectSqlite(file, health);
  try {
    const before = await migrate(database, now);
    const snapshot = (): Promise<Snapshot> => copySqlite(thread, file);
    return { database, changes: noOtherServers, where: file, before, scope, snapshot, isolation: null };
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

/** A file that was opened and not migrated. */
export interface ConnectedSqlite {
  readonly thread: SqliteThread;
  readonly database: Kysely<Database>;
  readonly scope: TransactionScope;
}

/** Opens (or makes) the file as it is; throws a StoreError. */
export async function connectSqlite(file: string, observer: QueryObserver): Promise<ConnectedSqlite> {
  makePrivateFile(file);
  const thread = await SqliteThread.open(file, schemaVersion);
  const scope = new TransactionScope();
  const dialect = new SqliteThreadDialect(thread, file, observer, scope);
  return { thread, database: new Kysely<Database>({ dialect }), scope };
}

/** A copy beside the file, opened; gone when it is disposed of. */
async function copySqlite(thread: SqliteThread, file: string): Promise<Snapshot> {
  const folder = await mkdtemp(`${file}.copy-`);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, 'copy.sqlite');
    await thread.copyTo(copy);
    const { database } = await connectSqlite(copy, silentObserver);
    return {
      kind: 'sqlite',
      database,
      [Symbol.asyncDispose]: async () => {
        await database.destroy();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Before SQLite makes it readable for everybody: it creates files with the process's umask. */
function makePrivateFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    throw storeErrorOfSqlite(code === 'ENOSPC' ? 'SQLITE_FULL' : 'SQLITE_CANTOPEN', code, file);
  }
}
