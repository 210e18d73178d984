import { existsSync, renameSync } from 'node:fs';
import { sql, type Kysely } from 'kysely';
import { formatPostgresAddress } from '../../config/postgresUrl.js';
import { connectPostgres, lockPostgres, snapshotPostgres } from '../postgresStore.js';
import { silentObserver } from '../queryObserver.js';
import type { Snapshot } from '../openDatabase.js';
import type { Database } from '../schema.js';
import { connectSqlite } from '../sqliteStore.js';
import type { StoreLocation } from '../store.js';
import { StoreError } from '../storeError.js';

/** A database that no server uses, opened as it is. */
export interface IdleDatabase extends AsyncDisposable {
  readonly database: Kysely<Database>;
  /** Keeps servers and other restores out until the transaction ends, and makes sure that there are none. */
  readonly lock: (transaction: Kysely<Database>) => Promise<void>;
}

/**
 * What a database contains that no server has open. Throws a StoreError: STORE_UNAVAILABLE also where there is no
 * file, STORE_IN_USE for an SQLite file that a server has open.
 */
export async function snapshotOf(location: StoreLocation): Promise<Snapshot> {
  if (location.kind === 'postgres') return snapshotPostgres(location);
  const { file } = location;
  if (!existsSync(file)) {
    throw new StoreError('STORE_UNAVAILABLE', `there is no database ${file}: nothing to back up`);
  }
  const { database } = await connectSqlite(file, silentObserver);
  return { kind: 'sqlite', database, [Symbol.asyncDispose]: () => database.destroy() };
}

/**
 * Opens a database to replace what it contains; throws a StoreError.
 *
 * @param replace whether a damaged SQLite file may be moved aside, to `FILE.damaged-TIME`
 */
export async function openIdle(
  location: StoreLocation,
  replace: boolean,
  now: number,
): Promise<IdleDatabase> {
  if (location.kind === 'postgres') {
    const database = await connectPostgres(location, silentObserver);
    const where = formatPostgresAddress(location.address);
    return {
      database,
      lock: async (transaction) => {
        await lockPostgres(transaction);
        await refuseWhileServed(transaction, where);
      },
      [Symbol.asyncDispose]: () => database.destroy(),
    };
  }
  const { database } = await connectIdleFile(location.file, replace, now);
  return { database, lock: () => Promise.resolve(), [Symbol.asyncDispose]: () => database.destroy() };
}

async function connectIdleFile(
  file: string,
  replace: boolean,
  now: number,
): ReturnType<typeof connectSqlite> {
  try {
    return await connectSqlite(file, silentObserver);
  } catch (error) {
    if (!replace || !(error instanceof StoreError) || error.code !== 'STORE_CORRUPT') throw error;
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(file + suffix)) renameSync(file + suffix, `${file}.damaged-${now}${suffix}`);
    }
    return connectSqlite(file, silentObserver);
  }
}

/** How often a connection is looked for that is just ending, a tenth of a second apart. */
const LOOKS = 20;

/** A server would go on with what it has in memory. */
async function refuseWhileServed(transaction: Kysely<Database>, where: string): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    // What a transaction saw of the others it sees again, unless told to look anew.
    await sql`select pg_stat_clear_snapshot()`.execute(transaction);
    const { rows } = await sql<{ servers: number }>`
      select count(*) as servers from pg_stat_activity
      where datname = current_database() and application_name = 'masque-vpn' and pid <> pg_backend_pid()
    `.execute(transaction);
    if (rows[0]?.servers === 0) return;
    await sql`select pg_sleep(0.1)`.execute(transaction);
  }
  throw new StoreError('STORE_IN_USE', `a server uses the database ${where}. Stop every server of it first.`);
}
