import { sql, type Kysely } from 'kysely';
import type { Database } from '../schema.js';

/** A table as a backup sees it. */
export interface BackedUpTable {
  readonly name: keyof Database;
  /** Its primary key: rows are read in its order, a page at a time. */
  readonly key: readonly string[];
}

/** Every table but `schema_version`; what others refer to comes first. */
export const backedUpTables: readonly BackedUpTable[] = [
  { name: 'settings', key: ['key'] },
  { name: 'servers', key: ['uuid'] },
  { name: 'clients', key: ['uuid'] },
  { name: 'authorities', key: ['sha256'] },
  { name: 'certificates', key: ['sha256'] },
  { name: 'leases', key: ['family', 'address'] },
  { name: 'sessions', key: ['uuid'] },
  { name: 'groups', key: ['uuid'] },
  { name: 'memberships', key: ['client_uuid', 'group_uuid'] },
  { name: 'rules', key: ['uuid'] },
  { name: 'port_forwards', key: ['uuid'] },
  { name: 'client_prefixes', key: ['uuid'] },
  { name: 'enrolments', key: ['uuid'] },
  { name: 'client_tokens', key: ['uuid'] },
  { name: 'administrators', key: ['uuid'] },
  { name: 'logins', key: ['secret_sha256'] },
  { name: 'login_failures', key: ['key'] },
  { name: 'api_tokens', key: ['uuid'] },
  { name: 'idempotency_keys', key: ['key'] },
  { name: 'audit', key: ['uuid'] },
  { name: 'usage_daily', key: ['client_uuid', 'day'] },
  { name: 'webhooks', key: ['uuid'] },
  { name: 'webhook_deliveries', key: ['uuid'] },
];

/** Names of the tables there are; of PostgreSQL's schemas only the one that is used. */
export async function existingTables(database: Kysely<Database>): Promise<ReadonlySet<string>> {
  const tables = await database.introspection.getTables();
  if (tables.every(({ schema }) => schema === undefined)) return new Set(tables.map(({ name }) => name));
  const { rows } = await sql<{ schema: string | null }>`select current_schema() as schema`.execute(database);
  return new Set(tables.flatMap(({ name, schema }) => (schema === rows[0]?.schema ? [name] : [])));
}
