import type { Generated } from 'kysely';

/**
 * The tables as kysely sees them; `migrations.ts` makes them. Only types that SQLite and PostgreSQL share: texts and
 * integers. Times are UTC milliseconds, truth values 0 and 1, uuids their canonical text.
 */
export interface Database {
  schema_version: SchemaVersionTable;
  settings: SettingTable;
  servers: ServerTable;
  clients: ClientTable;
  certificates: CertificateTable;
  authorities: AuthorityTable;
  leases: LeaseTable;
  sessions: SessionTable;
  groups: GroupTable;
  memberships: MembershipTable;
  rules: RuleTable;
  port_forwards: PortForwardTable;
  client_prefixes: ClientPrefixTable;
  enrolments: EnrolmentTable;
  client_tokens: ClientTokenTable;
  administrators: AdministratorTable;
  logins: LoginTable;
  login_failures: LoginFailureTable;
  api_tokens: ApiTokenTable;
  idempotency_keys: IdempotencyKeyTable;
  audit: AuditTable;
  usage_daily: DailyUsageTable;
  webhooks: WebhookTable;
  webhook_deliveries: WebhookDeliveryTable;
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

/** A server that uses this database, as it said itself. */
export interface ServerTable {
  uuid: string;
  /** Of its machine. */
  name: string;
  started_at: number;
  /** When it said last that it is there. */
  seen_at: number;
}

export interface ClientTable {
  uuid: string;
  slug: string;
  display_name: string;
  enabled: number;
  created_at: number;
  expires_at: number | null;
  note: string | null;
  /** Who enrolled it by themselves: `issuer subject` of OIDC; null when an administrator did. */
  owner: string | null;
  /** Bytes per second from the client and to it; null: no limit of its own. */
  rate_up: number | null;
  rate_down: number | null;
  /** Bytes of a calendar month (UTC), both directions. */
  monthly_quota: number | null;
  max_sessions: number | null;
  fixed_ipv4: string | null;
  fixed_ipv6: string | null;
  /** JSON array of prefixes that are advertised instead of the server's; null: inherited. */
  routes: string | null;
  /** JSON: see `policy`; null: inherited. */
  dns: string | null;
  updated_at: Generated<number>;
  /** Counts changes: the entity tag. */
  version: Generated<number>;
}

export interface CertificateTable {
  sha256: string;
  client_uuid: string;
  serial: string;
  not_before: number;
  not_after: number;
  created_at: number;
  revoked_at: number | null;
  /** `issued` by our CA, or `imported` by its fingerprint. */
  origin: string;
  revocation_reason: string | null;
  /** SHA-256 of the authority that issued it; null: imported, or older than this column. */
  issuer_sha256: string | null;
}

/** A certificate authority of ours; several during a rollover. */
export interface AuthorityTable {
  sha256: string;
  certificate_pem: string;
  /** PKCS #8, encrypted with the master key, which is not in the database; null once it was retired. */
  encrypted_key_pem: string | null;
  created_at: number;
  retired_at: number | null;
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
  /** Id of the server that leased it last; null: of a time when there was only one. */
  server: string | null;
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
  /** Code of the refusal when the request of a known client got no tunnel; then it began and ended at once. */
  refusal: string | null;
  /** Which of the servers on this database it is or was on; null: from before there were several. */
  server: string | null;
}

export interface GroupTable {
  uuid: string;
  /** Unique, immutable, `[a-z0-9-]{1,63}`. */
  slug: string;
  display_name: string;
  note: string | null;
  /** Limits of each member. */
  client_rate_up: number | null;
  client_rate_down: number | null;
  /** Limits that all members share. */
  group_rate_up: number | null;
  group_rate_down: number | null;
  monthly_quota: number | null;
  max_sessions: number | null;
  routes: string | null;
  dns: string | null;
  /** Value of the provider's claim whose holders belong to this group. */
  oidc_claim: string | null;
  created_at: number;
  updated_at: number;
  version: number;
}

export interface MembershipTable {
  client_uuid: string;
  group_uuid: string;
  created_at: number;
}

export interface RuleTable {
  uuid: string;
  /** What the engine calls the rule; never used again. */
  number: number;
  /** Rules are judged in this order; between two there is always room. */
  position: number;
  enabled: number;
  action: string;
  /** JSON: everyone, a group, a client, or prefixes outside. */
  subject: string;
  /** JSON: anything, prefixes, a name, a group or a client. */
  destination: string;
  /** IP protocol number; 0 is all. */
  protocol: number;
  /** JSON array of inclusive ranges; empty: all. */
  ports: string;
  note: string | null;
  created_at: number;
  updated_at: number;
  version: number;
}

/** A port of the server's public address that leads to a client. */
export interface PortForwardTable {
  uuid: string;
  /** What the engine calls its rule: out of the same numbers as those of rules. */
  number: number;
  enabled: number;
  protocol: number;
  public_port: number;
  client_uuid: string;
  client_port: number;
  /** JSON array of prefixes that may use it; empty: everybody. */
  sources: string;
  note: string | null;
  created_at: number;
  updated_at: number;
  version: number;
}

/** A prefix behind a client (site to site). */
export interface ClientPrefixTable {
  uuid: string;
  client_uuid: string;
  prefix: string;
  created_at: number;
}

/** A link that is redeemed once for a certificate. Secrets are stored as their SHA-256 only, here and below. */
export interface EnrolmentTable {
  uuid: string;
  secret_sha256: string;
  client_uuid: string;
  created_by: string;
  created_at: number;
  expires_at: number;
  redeemed_at: number | null;
  redeemed_from: string | null;
  certificate_sha256: string | null;
  /** SHA-256 of the key (SubjectPublicKeyInfo) that was certified: its owner may ask again when the answer got lost. */
  key_sha256: string | null;
  revoked_at: number | null;
}

/** A bearer token of a client that cannot do mutual TLS. */
export interface ClientTokenTable {
  uuid: string;
  secret_sha256: string;
  client_uuid: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
}

export interface AdministratorTable {
  uuid: string;
  name: string;
  /** `owner`, `operator` or `reader`. */
  role: string;
  enabled: number;
  /** argon2id in PHC form; null: no login by password. */
  password_hash: string | null;
  /** Sealed; null: no second factor. */
  totp_secret: string | null;
  /** Time step of the last code that was taken: none is taken twice (RFC 6238 §5.2). */
  totp_last_step: number | null;
  oidc_issuer: string | null;
  oidc_subject: string | null;
  last_login_at: number | null;
  created_at: number;
  updated_at: number;
  version: number;
}

/** A secret that stands for a person for a while. */
export interface LoginTable {
  secret_sha256: string;
  /** What the API calls it. */
  uuid: string;
  /** `session` (cookie), `link` (sets a password; without an administrator: makes the first owner), `oidc` (a login under way). */
  kind: string;
  administrator_uuid: string | null;
  /** JSON of the kind. */
  detail: string;
  remote_address: string;
  created_at: number;
  last_used_at: number;
  expires_at: number;
}

/** Failed logins under one name or from one address, so that a restart forgets no lock-out. */
export interface LoginFailureTable {
  /** `account:` and the SHA-256 of the name, or `address:` and an address. */
  key: string;
  failures: number;
  last_at: number;
  locked_until: number;
}

export interface ApiTokenTable {
  uuid: string;
  secret_sha256: string;
  name: string;
  administrator_uuid: string | null;
  /** JSON array. */
  scopes: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

/** What a creation was answered with, so that its repetition is answered the same. */
export interface IdempotencyKeyTable {
  key: string;
  request_sha256: string;
  /** Null while the first is under way. */
  status: number | null;
  answer: string | null;
  created_at: number;
  /** Uuid of the server that the first came to; null: the only one. */
  server: string | null;
  /** 1 once a transaction of the first was committed. */
  done: number;
}

/** One change, or one attempt worth remembering. */
export interface AuditTable {
  /** UUIDv7: sorts by time. */
  uuid: string;
  at: number;
  actor_kind: string;
  actor: string;
  remote_address: string | null;
  action: string;
  target_kind: string;
  target: string;
  /** JSON object; never a secret. */
  detail: string;
}

/** One client's traffic on one day. */
export interface DailyUsageTable {
  client_uuid: string;
  client_slug: string;
  /** `YYYY-MM-DD`, UTC. */
  day: string;
  bytes_in: number;
  bytes_out: number;
  packets_in: number;
  packets_out: number;
  sessions: number;
}

export interface WebhookTable {
  uuid: string;
  url: string;
  /** JSON array. */
  events: string;
  /** Sealed: signing needs it in clear. */
  secret: string;
  enabled: number;
  created_at: number;
  updated_at: number;
  version: number;
}

export interface WebhookDeliveryTable {
  uuid: string;
  webhook_uuid: string;
  event: string;
  body: string;
  attempts: number;
  created_at: number;
  /** Null when delivered or given up. */
  next_attempt_at: number | null;
  delivered_at: number | null;
  last_error: string | null;
}
