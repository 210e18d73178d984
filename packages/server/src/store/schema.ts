/**
 * The tables as kysely sees them; `migrations.ts` makes them. Only types that SQLite and PostgreSQL share: texts and
 * integers. Times are UTC milliseconds, truth values 0 and 1, uuids their canonical text.
 */
export interface Database {
  schema_version: SchemaVersionTable;
  settings: SettingTable;
  clients: ClientTable;
  certificates: CertificateTable;
  leases: LeaseTable;
  sessions: SessionTable;
}

/** One row per migration that was applied. */
export interface SchemaVersionTable {
  version: number;
  applied_at: number;
}

export interface SettingTable {
  key: string;
  value: string;
}

export interface ClientTable {
  uuid: string;
  slug: string;
  display_name: string;
  enabled: number;
  created_at: number;
  expires_at: number | null;
}

export interface CertificateTable {
  sha256: string;
  client_uuid: string;
  serial: string;
  not_before: number;
  not_after: number;
  created_at: number;
  revoked_at: number | null;
}

/** The last holder of each address that was ever leased and not forgotten since. */
export interface LeaseTable {
  family: number;
  address: string;
  client_uuid: string;
  instance: string;
  last_used_at: number;
  released_at: number | null;
  quarantined_until: number | null;
}

export interface SessionTable {
  uuid: string;
  client_uuid: string;
  client_slug: string;
  instance: string;
  remote_address: string;
  /** Separated by one space. */
  addresses: string;
  started_at: number;
  ended_at: number | null;
  cause: string | null;
  code: number | null;
  bytes_in: number;
  bytes_out: number;
  packets_in: number;
  packets_out: number;
}
