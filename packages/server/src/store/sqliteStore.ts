import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import { noOtherServers } from './changes.js';
import { migrate, schemaVersion } from './migrations.js';
import type { OpenDatabase } from './openDatabase.js';
import type { Database } from './schema.js';
import { SqliteThreadDialect } from './sqliteDialect.js';
import { SqliteThread } from './sqliteThread.js';
import { storeErrorOfSqlite } from './storeError.js';
import type { StoreHealth } from './storeHealth.js';
import { TransactionScope } from './transactionScope.js';

/** Opens (or makes) the file and migrates it; throws a StoreError. */
export async function openSqlite(file: string, now: number, health: StoreHealth): Promise<OpenDatabase> {
  makePrivateFile(file);
  const thread = await SqliteThread.open(file, schemaVersion);
  const scope = new TransactionScope();
  const database = new Kysely<Database>({ dialect: new SqliteThreadDialect(thread, file, health, scope) });
  try {
    const before = await migrate(database, now);
    return { database, changes: noOtherServers, where: file, before, scope, isolation: null };
  } catch (error) {
    await database.destroy();
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
