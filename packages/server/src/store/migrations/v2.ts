import { sql, type Kysely } from 'kysely';
import type { Database } from '../schema.js';

/** Groups, rules, limits, enrolments, administrators, tokens, audit, usage, webhooks. */
export async function addAdministration(database: Kysely<Database>): Promise<void> {
  await extendClients(database);
  await extendCertificates(database);
  await createAuthorities(database);
  await database.schema.alterTable('sessions').addColumn('refusal', 'text').execute();
  await database.schema.alterTable('sessions').addColumn('server', 'text').execute();
  await database.schema.alterTable('leases').addColumn('server', 'text').execute();
  await createServers(database);
  await createGroups(database);
  await createRules(database);
  await createReach(database);
  await createEnrolments(database);
  await createAdministrators(database);
  await createRecords(database);
  await createWebhooks(database);
}

async function extendClients(database: Kysely<Database>): Promise<void> {
  const columns: readonly (readonly [string, 'text' | 'bigint' | 'integer'])[] = [
    ['note', 'text'],
    ['owner', 'text'],
    ['rate_up', 'bigint'],
    ['rate_down', 'bigint'],
    ['monthly_quota', 'bigint'],
    ['max_sessions', 'integer'],
    ['fixed_ipv4', 'text'],
    ['fixed_ipv6', 'text'],
    ['routes', 'text'],
    ['dns', 'text'],
  ];
  for (const [name, type] of columns) {
    await database.schema.alterTable('clients').addColumn(name, type).execute();
  }
  await database.schema
    .alterTable('clients')
    .addColumn('version', 'integer', (column) => column.notNull().defaultTo(1))
    .execute();
  await database.schema
    .alterTable('clients')
    .addColumn('updated_at', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  // Two clients with one fixed address could never both connect.
  for (const column of ['fixed_ipv4', 'fixed_ipv6']) {
    await database.schema.createIndex(`clients_${column}`).on('clients').column(column).unique().execute();
  }
}

/** Made anew, as serials of imported certificates need not be unique. Nothing refers to the table. */
async function extendCertificates(database: Kysely<Database>): Promise<void> {
  await database.schema.alterTable('certificates').renameTo('certificates_v1').execute();
  await database.schema.dropIndex('certificates_by_client').execute();
  await database.schema
    .createTable('certificates')
    .addColumn('sha256', 'text', (column) => column.primaryKey().notNull())
    .addColumn('client_uuid', 'text', (column) =>
      column.notNull().references('clients.uuid').onDelete('cascade'),
    )
    .addColumn('serial', 'text', (column) => column.notNull())
    .addColumn('not_before', 'bigint', (column) => column.notNull())
    .addColumn('not_after', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('revocation_reason', 'text')
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('issuer_sha256', 'text')
    .execute();
  await sql`insert into certificates
    (sha256, client_uuid, serial, not_before, not_after, created_at, revoked_at, origin)
    select sha256, client_uuid, serial, not_before, not_after, created_at, revoked_at, 'issued'
    from certificates_v1`.execute(database);
  await database.schema.dropTable('certificates_v1').execute();
  await database.schema
    .createIndex('certificates_by_client')
    .on('certificates')
    .columns(['client_uuid', 'created_at'])
    .execute();
}

async function createAuthorities(database: Kysely<Database>): Promise<void> {
  await database.schema
    .createTable('authorities')
    .addColumn('sha256', 'text', (column) => column.primaryKey().notNull())
    .addColumn('certificate_pem', 'text', (column) => column.notNull())
    .addColumn('encrypted_key_pem', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('retired_at', 'bigint')
    .execute();
}

async function createServers(database: Kysely<Database>): Promise<void> {
  await database.schema
    .createTable('servers')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function createGroups(database: Kysely<Database>): Promise<void> {
  await database.schema
    .createTable('groups')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('display_name', 'text', (column) => column.notNull())
    .addColumn('note', 'text')
    .addColumn('client_rate_up', 'bigint')
    .addColumn('client_rate_down', 'bigint')
    .addColumn('group_rate_up', 'bigint')
    .addColumn('group_rate_down', 'bigint')
    .addColumn('monthly_quota', 'bigint')
    .addColumn('max_sessions', 'integer')
    .addColumn('routes', 'text')
    .addColumn('dns', 'text')
    .addColumn('oidc_claim', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .execute();

  await database.schema
    .createTable('memberships')
    .addColumn('client_uuid', 'text', (column) =>
      column.notNull().references('clients.uuid').onDelete('cascade'),
    )
    .addColumn('group_uuid', 'text', (column) =>
      column.notNull().references('groups.uuid').onDelete('cascade'),
    )
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('memberships_key', ['client_uuid', 'group_uuid'])
    .execute();
  await database.schema.createIndex('memberships_by_group').on('memberships').column('group_uuid').execute();
}

async function createRules(database: Kysely<Database>): Promise<void> {
  await database.schema
    .createTable('rules')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('number', 'integer', (column) => column.notNull().unique())
    .addColumn('position', 'double precision', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('destination', 'text', (column) => column.notNull())
    .addColumn('protocol', 'integer', (column) => column.notNull())
    .addColumn('ports', 'text', (column) => column.notNull())
    .addColumn('note', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .execute();
  await database.schema.createIndex('rules_by_position').on('rules').column('position').execute();
}

async function createReach(database: Kysely<Database>): Promise<void> {
  await database.schema
    .createTable('port_forwards')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('number', 'integer', (column) => column.notNull().unique())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('protocol', 'integer', (column) => column.notNull())
    .addColumn('public_port', 'integer', (column) => column.notNull())
    .addColumn('client_uuid', 'text', (column) =>
      column.notNull().references('clients.uuid').onDelete('cascade'),
    )
    .addColumn('client_port', 'integer', (column) => column.notNull())
    .addColumn('sources', 'text', (column) => column.notNull())
    .addColumn('note', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addUniqueConstraint('port_forwards_port', ['protocol', 'public_port'])
    .execute();

  await database.schema
    .createTable('client_prefixes')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('client_uuid', 'text', (column) =>
      column.notNull().references('clients.uuid').onDelete('cascade'),
    )
    .addColumn('prefix', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function createEnrolments(database: Kysely<Database>): Promise<void> {
  await database.schema
    .createTable('enrolments')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('secret_sha256', 'text', (column) => column.notNull().unique())
    .addColumn('client_uuid', 'text', (column) =>
      column.notNull().references('clients.uuid').onDelete('cascade'),
    )
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('redeemed_at', 'bigint')
    .addColumn('redeemed_from', 'text')
    .addColumn('certificate_sha256', 'text')
    .addColumn('key_sha256', 'text')
    .addColumn('revoked_at', 'bigint')
    .execute();
  await database.schema.createIndex('enrolments_by_client').on('enrolments').column('client_uuid').execute();

  await database.schema
    .createTable('client_tokens')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('secret_sha256', 'text', (column) => column.notNull().unique())
    .addColumn('client_uuid', 'text', (column) =>
      column.notNull().references('clients.uuid').onDelete('cascade'),
    )
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute();
}

async function createAdministrators(database: Kysely<Database>): Promise<void> {
  await database.schema
    .createTable('administrators')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('password_hash', 'text')
    .addColumn('totp_secret', 'text')
    .addColumn('totp_last_step', 'bigint')
    .addColumn('oidc_issuer', 'text')
    .addColumn('oidc_subject', 'text')
    .addColumn('last_login_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addUniqueConstraint('administrators_oidc', ['oidc_issuer', 'oidc_subject'])
    .execute();

  await database.schema
    .createTable('logins')
    .addColumn('secret_sha256', 'text', (column) => column.primaryKey().notNull())
    .addColumn('uuid', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('administrator_uuid', 'text', (column) =>
      column.references('administrators.uuid').onDelete('cascade'),
    )
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('remote_address', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_used_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await database.schema.createIndex('logins_by_expiry').on('logins').column('expires_at').execute();

  await database.schema
    .createTable('login_failures')
    .addColumn('key', 'text', (column) => column.primaryKey().notNull())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addColumn('locked_until', 'bigint', (column) => column.notNull())
    .execute();

  await database.schema
    .createTable('api_tokens')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('secret_sha256', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('administrator_uuid', 'text', (column) =>
      column.references('administrators.uuid').onDelete('cascade'),
    )
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('last_used_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute();

  await database.schema
    .createTable('idempotency_keys')
    .addColumn('key', 'text', (column) => column.primaryKey().notNull())
    .addColumn('request_sha256', 'text', (column) => column.notNull())
    .addColumn('status', 'integer')
    .addColumn('answer', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function createRecords(database: Kysely<Database>): Promise<void> {
  // No references: the records outlive what they tell of.
  await database.schema
    .createTable('audit')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor_kind', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('remote_address', 'text')
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('target_kind', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute();
  await database.schema
    .createIndex('audit_by_target')
    .on('audit')
    .columns(['target_kind', 'target', 'uuid'])
    .execute();

  await database.schema
    .createTable('usage_daily')
    .addColumn('client_uuid', 'text', (column) => column.notNull())
    .addColumn('client_slug', 'text', (column) => column.notNull())
    .addColumn('day', 'text', (column) => column.notNull())
    .addColumn('bytes_in', 'bigint', (column) => column.notNull())
    .addColumn('bytes_out', 'bigint', (column) => column.notNull())
    .addColumn('packets_in', 'bigint', (column) => column.notNull())
    .addColumn('packets_out', 'bigint', (column) => column.notNull())
    .addColumn('sessions', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('usage_daily_key', ['client_uuid', 'day'])
    .execute();
  await database.schema.createIndex('usage_by_day').on('usage_daily').column('day').execute();
}

async function createWebhooks(database: Kysely<Database>): Promise<void> {
  await database.schema
    .createTable('webhooks')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('events', 'text', (column) => column.notNull())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .execute();

  await database.schema
    .createTable('webhook_deliveries')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('webhook_uuid', 'text', (column) =>
      column.notNull().references('webhooks.uuid').onDelete('cascade'),
    )
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('next_attempt_at', 'bigint')
    .addColumn('delivered_at', 'bigint')
    .addColumn('last_error', 'text')
    .execute();
  await database.schema
    .createIndex('webhook_deliveries_due')
    .on('webhook_deliveries')
    .column('next_attempt_at')
    .execute();
}
