import { randomUUID } from 'node:crypto';
import { Kysely, sql } from 'kysely';
import type { ClientConfig } from 'pg';
import type { Logger } from 'pino';
import { formatPostgresAddress } from '../config/postgresUrl.js';
import { migrate } from './migrations.js';
import type { OpenDatabase } from './openDatabase.js';
import { PostgresChanges } from './postgresChanges.js';
import { postgresClientConfig, type PostgresLocation } from './postgresConnection.js';
import { PostgresPoolDialect, type PostgresDialectOptions } from './postgresDialect.js';
import { storeErrorOfPostgres } from './postgresError.js';
import type { Database } from './schema.js';
import type { StoreHealth } from './storeHealth.js';
import { TransactionScope } from './transactionScope.js';

/** Connections for queries; one more listens. */
const MAX_CONNECTIONS = 10;
const STATEMENT_MS = 5_000;
/** A migration may rewrite large tables, or wait for that of another server. */
const MIGRATION_MS = 10 * 60_000;
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
  const before = await migratePostgres(await configOf(location, where, MIGRATION_MS), where, now, health);
  const client = await configOf(location, where, STATEMENT_MS);
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
  return { database, changes, where, before, scope, isolation: 'serializable' };
}

async function configOf(
  location: PostgresLocation,
  where: string,
  statementMs: number,
): Promise<ClientConfig> {
  try {
    return await postgresClientConfig(location, { statementMs });
  } catch (error) {
    throw storeErrorOfPostgres(error, where);
  }
}

function connect(options: PostgresDialectOptions): Kysely<Database> {
  return new Kysely<Database>({ dialect: new PostgresPoolDialect(options) });
}

/** On a connection of its own, which has time. */
async function migratePostgres(
  client: ClientConfig,
  where: string,
  now: number,
  health: StoreHealth,
): Promise<number> {
  const scope = new TransactionScope();
  const database = connect({ client, where, maxConnections: 1, observer: health, scope });
  try {
    return await migrate(database, now, async (transaction) => {
      await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(transaction);
    });
  } finally {
    await database.destroy();
  }
}
