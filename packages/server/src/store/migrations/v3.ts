import type { Kysely } from 'kysely';
import type { Database } from '../schema.js';

/** Which server a creation with an idempotency key came to, and whether anything of it was committed. */
export async function followCreations(database: Kysely<Database>): Promise<void> {
  await database.schema.alterTable('idempotency_keys').addColumn('server', 'text').execute();
  await database.schema
    .alterTable('idempotency_keys')
    .addColumn('done', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
