import type { Kysely, Selectable } from 'kysely';
import type { ClientTable, Database } from './schema.js';
import { uuidV7 } from './uuid.js';

/** A client as stored. */
export interface ClientRecord {
  /** UUIDv7, internal: what other records refer to. */
  readonly uuid: string;
  /** `client_id`: unique, immutable, `[a-z0-9-]{1,63}`; certificate CN, metric label. */
  readonly slug: string;
  readonly displayName: string;
  readonly enabled: boolean;
  /** UTC milliseconds. */
  readonly createdAt: number;
  /** UTC milliseconds from which the client is refused; null: never. */
  readonly expiresAt: number | null;
}

export interface NewClient {
  readonly slug: string;
  /** Default: the slug. */
  readonly displayName?: string;
  /** Default: true. */
  readonly enabled?: boolean;
  readonly expiresAt?: number | null;
  /** UTC milliseconds. */
  readonly now: number;
}

/** What can change of a client: everything but its slug. */
export interface ClientChange {
  readonly displayName?: string;
  readonly enabled?: boolean;
  readonly expiresAt?: number | null;
}

/** Clients by uuid and slug. */
export class ClientRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** Null when the slug is taken. */
  async create(client: NewClient): Promise<ClientRecord | null> {
    const row = await this.#database
      .insertInto('clients')
      .values({
        uuid: uuidV7(client.now),
        slug: client.slug,
        display_name: client.displayName ?? client.slug,
        enabled: client.enabled === false ? 0 : 1,
        created_at: Math.trunc(client.now),
        expires_at: client.expiresAt ?? null,
      })
      .onConflict((conflict) => conflict.column('slug').doNothing())
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : toClientRecord(row);
  }

  async findBySlug(slug: string): Promise<ClientRecord | null> {
    const row = await this.#database
      .selectFrom('clients')
      .selectAll()
      .where('slug', '=', slug)
      .executeTakeFirst();
    return row === undefined ? null : toClientRecord(row);
  }

  async findByUuid(uuid: string): Promise<ClientRecord | null> {
    const row = await this.#database
      .selectFrom('clients')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row === undefined ? null : toClientRecord(row);
  }

  /** In order of slug; `after` is the last slug of the page before, `limit` defaults to 100. */
  async list(
    page: { readonly after?: string; readonly limit?: number } = {},
  ): Promise<readonly ClientRecord[]> {
    const rows = await this.#database
      .selectFrom('clients')
      .selectAll()
      .where('slug', '>', page.after ?? '')
      .orderBy('slug')
      .limit(page.limit ?? 100)
      .execute();
    return rows.map(toClientRecord);
  }

  async count(): Promise<{ readonly total: number; readonly enabled: number }> {
    const row = await this.#database
      .selectFrom('clients')
      .select(({ fn }) => [fn.countAll().as('total'), fn.sum('enabled').as('enabled')])
      .executeTakeFirst();
    // Databases differ in the types of sums: number, string or bigint, null without rows.
    return { total: Number(row?.total ?? 0), enabled: Number(row?.enabled ?? 0) };
  }

  /** Null when there is no such client. */
  async update(uuid: string, change: ClientChange): Promise<ClientRecord | null> {
    const columns = {
      ...(change.displayName === undefined ? {} : { display_name: change.displayName }),
      ...(change.enabled === undefined ? {} : { enabled: change.enabled ? 1 : 0 }),
      ...(change.expiresAt === undefined ? {} : { expires_at: change.expiresAt }),
    };
    if (Object.keys(columns).length === 0) return this.findByUuid(uuid);
    const row = await this.#database
      .updateTable('clients')
      .set(columns)
      .where('uuid', '=', uuid)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : toClientRecord(row);
  }

  /** Deletes the client and its certificates; its session history stays. False when there was none. */
  async delete(uuid: string): Promise<boolean> {
    const result = await this.#database.deleteFrom('clients').where('uuid', '=', uuid).executeTakeFirst();
    return result.numDeletedRows > 0n;
  }
}

export function toClientRecord(row: Selectable<ClientTable>): ClientRecord {
  return {
    uuid: row.uuid,
    slug: row.slug,
    displayName: row.display_name,
    enabled: row.enabled !== 0,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
