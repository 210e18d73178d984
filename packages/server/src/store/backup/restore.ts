import { sql, type Kysely, type Transaction } from 'kysely';
import { migrateTo, schemaVersion } from '../migrations.js';
import type { Database } from '../schema.js';
import { BackupError } from './backupError.js';
import type { CheckedBackup } from './backupFile.js';
import type { BackupRow, BackupTable } from './dumpLines.js';
import { backedUpTables, existingTables } from './tables.js';

/** Well below every database's limit of parameters. */
const PARAMETERS_PER_INSERT = 10_000;

/** Cause of sessions that were open when the backup was made. */
export const restoredCause = 'SERVER_RESTORED';

export interface RestoreOptions {
  /** Whether what is in the database may be replaced. */
  readonly replace: boolean;
  /** UTC milliseconds. */
  readonly now: number;
  /** Keeps servers and other restores out until the transaction ends. */
  readonly lock: (transaction: Kysely<Database>) => Promise<void>;
}

/**
 * Makes the database what it was when the backup was made, in one transaction, and brings it to this program's
 * version. What only concerned the servers of that time is over: their sessions, leases and log-ins. Codes:
 * BACKUP_TARGET_NOT_EMPTY, BACKUP_DAMAGED; throws `StoreError`.
 */
export async function restore(
  database: Kysely<Database>,
  backup: CheckedBackup,
  options: RestoreOptions,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await options.lock(transaction);
    const existing = await existingTables(transaction);
    if (!options.replace) await refuseIfUsed(transaction, existing);
    for (const { name } of backedUpTables.toReversed()) {
      if (existing.has(name)) await transaction.schema.dropTable(name).execute();
    }
    if (existing.has('schema_version')) await transaction.schema.dropTable('schema_version').execute();
    await migrateTo(transaction, backup.header.schemaVersion, options.now);
    // A migration may fill tables, too.
    const made = await existingTables(transaction);
    for (const { name } of backedUpTables.toReversed()) {
      if (made.has(name)) await transaction.deleteFrom(name).execute();
    }
    await insertAll(transaction, backup);
    await migrateTo(transaction, schemaVersion, options.now);
    await endWhatWasLive(transaction, backup.header.createdAt);
  });
}

async function refuseIfUsed(
  transaction: Transaction<Database>,
  existing: ReadonlySet<string>,
): Promise<void> {
  for (const { name } of backedUpTables) {
    if (!existing.has(name)) continue;
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(transaction);
    if (rows.length === 0) continue;
    throw new BackupError(
      'BACKUP_TARGET_NOT_EMPTY',
      `the database is in use: there is something in its table "${name}". Nothing was changed. --force replaces all of it.`,
    );
  }
}

async function insertAll(transaction: Transaction<Database>, backup: CheckedBackup): Promise<void> {
  let current: BackupTable | null = null;
  let rows: BackupRow[] = [];
  const write = async (): Promise<void> => {
    if (current !== null && rows.length > 0) await insert(transaction, current, rows);
    rows = [];
  };
  for await (const { table, row } of backup.content()) {
    if (table !== current || rows.length * table.columns.length >= PARAMETERS_PER_INSERT) await write();
    current = table;
    rows.push(row);
  }
  await write();
}

async function insert(
  transaction: Transaction<Database>,
  { table, columns }: BackupTable,
  rows: readonly BackupRow[],
): Promise<void> {
  if (!backedUpTables.some(({ name }) => name === table)) {
    throw new BackupError('BACKUP_DAMAGED', `the backup has a table "${table}" that no version has`);
  }
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const values = sql.join(rows.map((row) => sql`(${sql.join(row)})`));
  await sql`insert into ${sql.table(table)} (${names}) values ${values}`.execute(transaction);
}

async function endWhatWasLive(transaction: Transaction<Database>, at: number): Promise<void> {
  await transaction
    .updateTable('sessions')
    .set({ ended_at: at, cause: restoredCause })
    .where('ended_at', 'is', null)
    .execute();
  await transaction.updateTable('leases').set({ released_at: at }).where('released_at', 'is', null).execute();
  await transaction.updateTable('leases').set({ server: null }).execute();
  // A log-in that was ended since must not come to life again.
  for (const table of ['logins', 'login_failures', 'idempotency_keys', 'servers'] as const) {
    await transaction.deleteFrom(table).execute();
  }
}
