import type { Kysely, Selectable, Updateable } from 'kysely';
import { dnsColumn, dnsOfColumn, type PushedDns } from './pushedDns.js';
import type { Database, GroupTable } from './schema.js';
import { uuidV7 } from './uuid.js';

/** What an administrator sets for a group; null: nothing. */
export interface GroupLimits {
  /** Bytes per second from each member that has no limit of its own. */
  readonly rateUp: number | null;
  /** Bytes per second to each member that has no limit of its own. */
  readonly rateDown: number | null;
  /** Bytes per second from all members together. */
  readonly sharedRateUp: number | null;
  /** Bytes per second to all members together. */
  readonly sharedRateDown: number | null;
  /** Bytes of a calendar month (UTC), both directions, of each member that has no quota of its own. */
  readonly monthlyQuota: number | null;
  /** Of each member that has no limit of its own. */
  readonly maxSessions: number | null;
  /** Prefixes that are advertised to members instead of the server's. */
  readonly routes: readonly string[] | null;
  readonly dns: PushedDns | null;
}

/** A group as stored. */
export interface GroupRecord extends GroupLimits {
  /** UUIDv7, internal: what other records refer to. */
  readonly uuid: string;
  /** Unique, immutable, `[a-z0-9-]{1,63}`. */
  readonly slug: string;
  readonly displayName: string;
  readonly note: string | null;
  /** Value of the provider's claim whose holders belong to this group. */
  readonly oidcClaim: string | null;
  /** UTC milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Counts changes: the entity tag. */
  readonly version: number;
}

/** What can change of a group: everything but its slug. */
export interface GroupChange extends Partial<GroupLimits> {
  readonly displayName?: string;
  readonly note?: string | null;
  readonly oidcClaim?: string | null;
}

export interface NewGroup extends GroupChange {
  readonly slug: string;
  /** UTC milliseconds. */
  readonly now: number;
}

/** One client in one group. */
export interface Membership {
  readonly clientUuid: string;
  readonly groupUuid: string;
}

export interface MembershipPage {
  /** Uuid of the last client of the page before; null: from the first. */
  readonly after: string | null;
  /** How many clients. */
  readonly clients: number;
}

/** Groups, and who is in them. */
export class GroupRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** Null when the slug is taken. */
  async create(group: NewGroup): Promise<GroupRecord | null> {
    const now = Math.trunc(group.now);
    const row = await this.#database
      .insertInto('groups')
      .values({
        ...nothingSet,
        ...columnsOf(group),
        uuid: uuidV7(now),
        slug: group.slug,
        display_name: group.displayName ?? group.slug,
        created_at: now,
        updated_at: now,
        version: 1,
      })
      .onConflict((conflict) => conflict.column('slug').doNothing())
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : toGroupRecord(row);
  }

  async findByUuid(uuid: string): Promise<GroupRecord | null> {
    const query = this.#database.selectFrom('groups').selectAll().where('uuid', '=', uuid);
    const row = await query.executeTakeFirst();
    return row === undefined ? null : toGroupRecord(row);
  }

  async findBySlug(slug: string): Promise<GroupRecord | null> {
    const query = this.#database.selectFrom('groups').selectAll().where('slug', '=', slug);
    const row = await query.executeTakeFirst();
    return row === undefined ? null : toGroupRecord(row);
  }

  /** All of them, in order of slug. */
  async list(): Promise<readonly GroupRecord[]> {
    const rows = await this.#database.selectFrom('groups').selectAll().orderBy('slug').execute();
    return rows.map(toGroupRecord);
  }

  async count(): Promise<number> {
    const query = this.#database.selectFrom('groups').select(({ fn }) => fn.countAll().as('total'));
    return Number((await query.executeTakeFirst())?.total ?? 0);
  }

  /** Null when there is no such group of this version. */
  async update(
    uuid: string,
    change: GroupChange,
    guard: { readonly version: number; readonly now: number },
  ): Promise<GroupRecord | null> {
    const row = await this.#database
      .updateTable('groups')
      .set({ ...columnsOf(change), updated_at: Math.trunc(guard.now), version: guard.version + 1 })
      .where('uuid', '=', uuid)
      .where('version', '=', guard.version)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : toGroupRecord(row);
  }

  /** Deletes the group with its memberships. False when there was none. */
  async delete(uuid: string): Promise<boolean> {
    const result = await this.#database.deleteFrom('groups').where('uuid', '=', uuid).executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  /** False when the client is in the group already. */
  async addMember(clientUuid: string, groupUuid: string, now: number): Promise<boolean> {
    const result = await this.#database
      .insertInto('memberships')
      .values({ client_uuid: clientUuid, group_uuid: groupUuid, created_at: Math.trunc(now) })
      .onConflict((conflict) => conflict.columns(['client_uuid', 'group_uuid']).doNothing())
      .executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  /** Puts every client there is into the group. */
  async addEveryClient(groupUuid: string, now: number): Promise<void> {
    await this.#database
      .insertInto('memberships')
      .columns(['client_uuid', 'group_uuid', 'created_at'])
      .expression((builder) =>
        builder
          .selectFrom('clients')
          .select((expression) => [
            'clients.uuid',
            expression.val(groupUuid).as('group_uuid'),
            expression.lit(Math.trunc(now)).as('created_at'),
          ]),
      )
      .execute();
  }

  /** False when the client was not in the group. */
  async removeMember(clientUuid: string, groupUuid: string): Promise<boolean> {
    const result = await this.#database
      .deleteFrom('memberships')
      .where('client_uuid', '=', clientUuid)
      .where('group_uuid', '=', groupUuid)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  /** Groups of one client. */
  async groupsOf(clientUuid: string): Promise<readonly string[]> {
    const rows = await this.#database
      .selectFrom('memberships')
      .select('group_uuid')
      .where('client_uuid', '=', clientUuid)
      .execute();
    return rows.map(({ group_uuid: uuid }) => uuid);
  }

  /** Everybody's memberships, in order of client uuid; with a page, those of some clients, all of each. */
  async memberships(page?: MembershipPage): Promise<readonly Membership[]> {
    let query = this.#database
      .selectFrom('memberships')
      .select(['client_uuid', 'group_uuid'])
      .orderBy('client_uuid');
    if (page !== undefined) {
      query = query.where('client_uuid', 'in', (inner) =>
        inner
          .selectFrom('memberships')
          .select('client_uuid')
          .where('client_uuid', '>', page.after ?? '')
          .groupBy('client_uuid')
          .orderBy('client_uuid')
          .limit(page.clients),
      );
    }
    const rows = await query.execute();
    return rows.map((row) => ({ clientUuid: row.client_uuid, groupUuid: row.group_uuid }));
  }
}

const nothingSet = {
  note: null,
  oidc_claim: null,
  client_rate_up: null,
  client_rate_down: null,
  group_rate_up: null,
  group_rate_down: null,
  monthly_quota: null,
  max_sessions: null,
  routes: null,
  dns: null,
};

function columnsOf(change: GroupChange): Updateable<GroupTable> {
  const { displayName, note, oidcClaim, monthlyQuota, maxSessions, routes, dns } = change;
  const { rateUp, rateDown, sharedRateUp, sharedRateDown } = change;
  return {
    ...(displayName === undefined ? {} : { display_name: displayName }),
    ...(note === undefined ? {} : { note }),
    ...(oidcClaim === undefined ? {} : { oidc_claim: oidcClaim }),
    ...(rateUp === undefined ? {} : { client_rate_up: rateUp }),
    ...(rateDown === undefined ? {} : { client_rate_down: rateDown }),
    ...(sharedRateUp === undefined ? {} : { group_rate_up: sharedRateUp }),
    ...(sharedRateDown === undefined ? {} : { group_rate_down: sharedRateDown }),
    ...(monthlyQuota === undefined ? {} : { monthly_quota: monthlyQuota }),
    ...(maxSessions === undefined ? {} : { max_sessions: maxSessions }),
    ...(routes === undefined ? {} : { routes: routes === null ? null : JSON.stringify(routes) }),
    ...(dns === undefined ? {} : { dns: dnsColumn(dns) }),
  };
}

function toGroupRecord(row: Selectable<GroupTable>): GroupRecord {
  return {
    uuid: row.uuid,
    slug: row.slug,
    displayName: row.display_name,
    note: row.note,
    oidcClaim: row.oidc_claim,
    rateUp: row.client_rate_up,
    rateDown: row.client_rate_down,
    sharedRateUp: row.group_rate_up,
    sharedRateDown: row.group_rate_down,
    monthlyQuota: row.monthly_quota,
    maxSessions: row.max_sessions,
    routes: row.routes === null ? null : (JSON.parse(row.routes) as readonly string[]),
    dns: dnsOfColumn(row.dns),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}
