import type { Kysely, Transaction } from 'kysely';
import { createTables } from './migrations/v1.js';
import { addAdministration } from './migrations/v2.js';
import { followCreations } from './migrations/v3.js';
import type { Database } from './schema.js';
import { StoreError } from './storeError.js';

/** One step forward; there is no way back. */
interface Migration {
  readonly version: number;
  readonly up: (database: Kysely<Database>) => Promise<void>;
}

/** Never edit one that was released: add the next. */
const migrations: readonly Migration[] = [
  { version: 1, up: createTables },
  { version: 2, up: addAdministration },
  { version: 3, up: followCreations },
];

/** The version this program makes and understands. */
export const schemaVersion = migrations.length;

/**
 * Brings the database to {@link schemaVersion} in one transaction; returns the version it had. A newer database is
 * left as it is: STORE_NEWER_VERSION.
 *
 * @param lock keeps other servers out until the transaction ends, where the database does not do so by itself
 */
export async function migrate(
  database: Kysely<Database>,
  now: number,
  lock: (transaction: Kysely<Database>) => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    await lock(transaction);
    const version = await versionOf(transaction);
    if (version > schemaVersion) throw newerVersion(version);
    await migrateTo(transaction, schemaVersion, now);
    return version;
  });
}

/** Brings a database that is not newer to this version. */
export async function migrateTo(
  transaction: Transaction<Database>,
  target: number,
  now: number,
): Promise<void> {
  const version = await versionOf(transaction);
  for (const migration of migrations) {
    if (migration.version <= version || migration.version > target) continue;
    await migration.up(transaction);
    await transaction
      .insertInto('schema_version')
      .values({ version: migration.version, applied_at: now })
      .execute();
  }
}

/** 0 of an empty database; it has a table of versions afterwards. */
async function versionOf(transaction: Transaction<Database>): Promise<number> {
  await transaction.schema
    .createTable('schema_version')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
  return readVersion(transaction);
}

/** The version of a database that has one. */
export async function readVersion(database: Kysely<Database>): Promise<number> {
  const row = await database
    .selectFrom('schema_version')
    .select((expression) => expression.fn.max('version').as('version'))
    .executeTakeFirst();
  return row?.version ?? 0;
}

function newerVersion(version: number): StoreError {
  return new StoreError(
    'STORE_NEWER_VERSION',
    `a newer masque-vpn made the database: it has version ${version}, this program knows ${schemaVersion}. ` +
      'Nothing was changed. Install that version again, or use another database.',
  );
}
