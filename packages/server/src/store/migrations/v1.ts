import type { Kysely } from 'kysely';
import type { Database } from '../schema.js';

/** Clients, certificates, leases, sessions, settings. */
export async function createTables(database: Kysely<Database>): Promise<void> {
  await database.schema
    .createTable('settings')
    .addColumn('key', 'text', (column) => column.primaryKey().notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();

  await database.schema
    .createTable('clients')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('display_name', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .execute();

  await database.schema
    .createTable('certificates')
    .addColumn('sha256', 'text', (column) => column.primaryKey().notNull())
    .addColumn('client_uuid', 'text', (column) =>
      column.notNull().references('clients.uuid').onDelete('cascade'),
    )
    .addColumn('serial', 'text', (column) => column.notNull().unique())
    .addColumn('not_before', 'bigint', (column) => column.notNull())
    .addColumn('not_after', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .execute();
  await database.schema
    .createIndex('certificates_by_client')
    .on('certificates')
    .columns(['client_uuid', 'created_at'])
    .execute();

  // No reference to clients: leases are written in batches, and one row of a client that was just deleted would
  // fail the batch for everybody. `load` deletes what has no client.
  await database.schema
    .createTable('leases')
    .addColumn('family', 'integer', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('client_uuid', 'text', (column) => column.notNull())
    .addColumn('instance', 'text', (column) => column.notNull())
    .addColumn('last_used_at', 'bigint', (column) => column.notNull())
    .addColumn('released_at', 'bigint')
    .addColumn('quarantined_until', 'bigint')
    .addPrimaryKeyConstraint('leases_key', ['family', 'address'])
    .execute();
  await database.schema.createIndex('leases_by_client').on('leases').column('client_uuid').execute();

  // No reference to clients: history outlives them.
  await database.schema
    .createTable('sessions')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('client_uuid', 'text', (column) => column.notNull())
    .addColumn('client_slug', 'text', (column) => column.notNull())
    .addColumn('instance', 'text', (column) => column.notNull())
    .addColumn('remote_address', 'text', (column) => column.notNull())
    .addColumn('addresses', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('cause', 'text')
    .addColumn('code', 'bigint')
    .addColumn('bytes_in', 'bigint', (column) => column.notNull())
    .addColumn('bytes_out', 'bigint', (column) => column.notNull())
    .addColumn('packets_in', 'bigint', (column) => column.notNull())
    .addColumn('packets_out', 'bigint', (column) => column.notNull())
    .execute();
  await database.schema
    .createIndex('sessions_by_client')
    .on('sessions')
    .columns(['client_uuid', 'uuid'])
    .execute();
  await database.schema.createIndex('sessions_by_end').on('sessions').column('ended_at').execute();
}
