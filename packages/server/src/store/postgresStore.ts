import { randomUUID } from 'node:crypto';
import { Kysely, sql } from 'kysely';
import type { ClientConfig } from 'pg';
import type { Logger } from 'pino';
import { formatPostgresAddress } from '../config/postgresUrl.js';
import { migrate } from './migrations.js';
import type { OpenDatabase, Snapshot } from './openDatabase.js';
import { PostgresChanges } from './postgresChanges.js';
import { postgresClientConfig, type PostgresLocation } from './postgresConnection.js';
import { PostgresPoolDialect, type PostgresDialectOptions } from './postgresDialect.js';
import { storeErrorOfPostgres } from './postgresError.js';
import { silentObserver, type QueryObserver } from './queryObserver.js';
import type { Database } from './schema.js';
import type { StoreHealth } from './storeHealth.js';
import { TransactionScope } from './transactionScope.js';

/** Connections for queries; one more listens. */
const MAX_CONNECTIONS = 10;
const STATEMENT_MS = 5_000;
/** A migration may rewrite large tables, or wait for that of another server; a backup reads everything. */
const MAINTENANCE_MS = 60 * 60_000;
/** Of the advisory lock that servers migrate under. */
const MIGRATION_LOCK = 5_156_504_101;

/** Connects and migrates the database; throws a StoreError. */
export async function openPostgres(
  location: PostgresLocation,
  now: number,
  health: StoreHealth,
  logger: Logger,
): Promise<OpenDatabase> {
  const where = formatPostgresAddress(location.address);
  const before = await migratePostgres(location, now, health);
  const client = await configOf(location, STATEMENT_MS);
  const changes = await PostgresChanges.listen({
    client,
    where,
    origin: randomUUID(),
    logger,
    onLost: (error) => health.failed(error),
    onFound: () => health.found(),
  });
  const scope = new TransactionScope();
  const database = connect({ client, where, maxConnections: MAX_CONNECTIONS, observer: health, scope });
  const snapshot = (): Promise<Snapshot> => snapshotPostgres(location);
  return { database, changes, where, before, scope, snapshot, isolation: 'serializable' };
}

/** One connection that has time, to a database as it is; throws a StoreError. */
export async function connectPostgres(
  location: PostgresLocation,
  observer: QueryObserver,
): Promise<Kysely<Database>> {
  const client = await configOf(location, MAINTENANCE_MS);
  const where = formatPostgresAddress(location.address);
  return connect({ client, where, maxConnections: 1, observer, scope: new TransactionScope() });
}

/** Keeps others who migrate or restore out until the transaction ends. */
export async function lockPostgres(transaction: Kysely<Database>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(transaction);
}

/** What the database contains now, in a transaction that sees no changes; throws a StoreError. */
export async function snapshotPostgres(location: PostgresLocation): Promise<Snapshot> {
  const database = await connectPostgres(location, silentObserver);
  try {
    const transaction = await database
      .startTransaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute();
    return {
      kind: 'postgres',
      database: transaction,
      [Symbol.asyncDispose]: async () => {
        await transaction.rollback().execute();
        await database.destroy();
      },
    };
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

async function migratePostgres(
  location: PostgresLocation,
  now: number,
  observer: QueryObserver,
): Promise<number> {
  const database = await connectPostgres(location, observer);
  try {
    return await migrate(database, now, lockPostgres);
  } finally {
    await database.destroy();
  }
}

async function configOf(location: PostgresLocation, statementMs: number): Promise<ClientConfig> {
  try {
    return await postgresClientConfig(location, { statementMs });
  } catch (error) {
    throw storeErrorOfPostgres(error, formatPostgresAddress(location.address));
  }
}

function connect(options: PostgresDialectOptions): Kysely<Database> {
  return new Kysely<Database>({ dialect: new PostgresPoolDialect(options) });
}
