import type { Kysely, Selectable, Updateable } from 'kysely';
import { dnsColumn, dnsOfColumn, type PushedDns } from './pushedDns.js';
import type { ClientTable, Database } from './schema.js';
import { uuidV7 } from './uuid.js';

/** What an administrator sets for a client; null: nothing of its own, its groups decide. */
export interface ClientLimits {
  /** Bytes per second from the client. */
  readonly rateUp: number | null;
  /** Bytes per second to the client. */
  readonly rateDown: number | null;
  /** Bytes of a calendar month (UTC), both directions. */
  readonly monthlyQuota: number | null;
  readonly maxSessions: number | null;
  /** Canonical text (RFC 5952). No two clients have the same. */
  readonly fixedIpv4: string | null;
  readonly fixedIpv6: string | null;
  /** Prefixes that are advertised instead of the server's. */
  readonly routes: readonly string[] | null;
  readonly dns: PushedDns | null;
}

/** A client as stored. */
export interface ClientRecord extends ClientLimits {
  /** UUIDv7, internal: what other records refer to. */
  readonly uuid: string;
  /** `client_id`: unique, immutable, `[a-z0-9-]{1,63}`; certificate CN, metric label. */
  readonly slug: string;
  readonly displayName: string;
  readonly note: string | null;
  /** Who enrolled it by themselves: `issuer subject` of OIDC; null when an administrator did. */
  readonly owner: string | null;
  readonly enabled: boolean;
  /** UTC milliseconds. */
  readonly createdAt: number;
  /** UTC milliseconds. */
  readonly updatedAt: number;
  /** UTC milliseconds from which the client is refused; null: never. */
  readonly expiresAt: number | null;
  /** Counts changes, from 1. */
  readonly version: number;
}

/** What can change of a client: everything but its slug. Absent: stays as it is. */
export type ClientChange = Partial<
  Pick<ClientRecord, 'displayName' | 'note' | 'enabled' | 'expiresAt'> & ClientLimits
>;

export type NewClient = ClientChange & {
  readonly slug: string;
  readonly owner?: string | null;
  /** UTC milliseconds. */
  readonly now: number;
};

/** Clients by uuid and slug. */
export class ClientRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** Null when the slug, or a fixed address, is taken. Absent fields: the slug as display name, enabled, no limits. */
  async create(client: NewClient): Promise<ClientRecord | null> {
    const now = Math.trunc(client.now);
    const row = await this.#database
      .insertInto('clients')
      .values({
        ...nothingSet,
        ...columnsOf(client),
        uuid: uuidV7(now),
        slug: client.slug,
        display_name: client.displayName ?? client.slug,
        enabled: client.enabled === false ? 0 : 1,
        created_at: now,
        updated_at: now,
        owner: client.owner ?? null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : toClientRecord(row);
  }

  async findBySlug(slug: string): Promise<ClientRecord | null> {
    return this.#find('slug', slug);
  }

  async findByUuid(uuid: string): Promise<ClientRecord | null> {
    return this.#find('uuid', uuid);
  }

  /** The client that has this fixed address. */
  async findByFixedAddress(family: 4 | 6, address: string): Promise<ClientRecord | null> {
    return this.#find(family === 4 ? 'fixed_ipv4' : 'fixed_ipv6', address);
  }

  /** How many clients this owner enrolled. */
  async countOfOwner(owner: string): Promise<number> {
    const row = await this.#database
      .selectFrom('clients')
      .select(({ fn }) => fn.countAll().as('clients'))
      .where('owner', '=', owner)
      .executeTakeFirst();
    return Number(row?.clients ?? 0);
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

  /**
   * Changes a client that is still at this version, which then counts one more; null when it is gone or was changed
   * meanwhile. `version` null: at whichever.
   */
  async update(
    uuid: string,
    change: ClientChange,
    at: { readonly now: number; readonly version: number | null },
  ): Promise<ClientRecord | null> {
    let update = this.#database
      .updateTable('clients')
      .set(columnsOf(change))
      .set((expression) => ({
        updated_at: Math.trunc(at.now),
        version: expression('version', '+', 1),
      }))
      .where('uuid', '=', uuid);
    if (at.version !== null) update = update.where('version', '=', at.version);
    const row = await update.returningAll().executeTakeFirst();
    return row === undefined ? null : toClientRecord(row);
  }

  /** Deletes the client and its certificates; its session history stays. False when there was none. */
  async delete(uuid: string): Promise<boolean> {
    const result = await this.#database.deleteFrom('clients').where('uuid', '=', uuid).executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  async #find(
    column: 'uuid' | 'slug' | 'fixed_ipv4' | 'fixed_ipv6',
    value: string,
  ): Promise<ClientRecord | null> {
    const row = await this.#database
      .selectFrom('clients')
      .selectAll()
      .where(column, '=', value)
      .executeTakeFirst();
    return row === undefined ? null : toClientRecord(row);
  }
}

const nothingSet = {
  note: null,
  expires_at: null,
  rate_up: null,
  rate_down: null,
  monthly_quota: null,
  max_sessions: null,
  fixed_ipv4: null,
  fixed_ipv6: null,
  routes: null,
  dns: null,
};

function columnsOf(change: ClientChange): Updateable<ClientTable> {
  const { displayName, note, enabled, expiresAt, rateUp, rateDown, monthlyQuota, maxSessions } = change;
  const { fixedIpv4, fixedIpv6, routes, dns } = change;
  return {
    ...(displayName === undefined ? {} : { display_name: displayName }),
    ...(note === undefined ? {} : { note }),
    ...(enabled === undefined ? {} : { enabled: enabled ? 1 : 0 }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    ...(rateUp === undefined ? {} : { rate_up: rateUp }),
    ...(rateDown === undefined ? {} : { rate_down: rateDown }),
    ...(monthlyQuota === undefined ? {} : { monthly_quota: monthlyQuota }),
    ...(maxSessions === undefined ? {} : { max_sessions: maxSessions }),
    ...(fixedIpv4 === undefined ? {} : { fixed_ipv4: fixedIpv4 }),
    ...(fixedIpv6 === undefined ? {} : { fixed_ipv6: fixedIpv6 }),
    ...(routes === undefined ? {} : { routes: routes === null ? null : JSON.stringify(routes) }),
    ...(dns === undefined ? {} : { dns: dnsColumn(dns) }),
  };
}

function toClientRecord(row: Selectable<ClientTable>): ClientRecord {
  return {
    uuid: row.uuid,
    slug: row.slug,
    displayName: row.display_name,
    note: row.note,
    owner: row.owner,
    enabled: row.enabled !== 0,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    expiresAt: row.expires_at,
    version: row.version,
    rateUp: row.rate_up,
    rateDown: row.rate_down,
    monthlyQuota: row.monthly_quota,
    maxSessions: row.max_sessions,
    fixedIpv4: row.fixed_ipv4,
    fixedIpv6: row.fixed_ipv6,
    routes: row.routes === null ? null : (JSON.parse(row.routes) as string[]),
    dns: dnsOfColumn(row.dns),
  };
}
