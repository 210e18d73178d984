import type { Kysely, Selectable } from 'kysely';
import type { Database, LoginTable } from './schema.js';
import { uuidV7 } from './uuid.js';

/** `session`: a cookie. `link`: sets a password, or makes the first owner. `oidc`: a login under way. */
export const loginKinds = ['session', 'link', 'oidc'] as const;
export type LoginKind = (typeof loginKinds)[number];

/** A secret that stands for a person for a while; only its hash is stored. */
export interface LoginRecord {
  readonly uuid: string;
  readonly secretSha256: string;
  readonly kind: LoginKind;
  readonly administratorUuid: string | null;
  /** JSON of the kind. */
  readonly detail: string;
  readonly remoteAddress: string;
  /** UTC milliseconds, as all times. */
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
}

export interface NewLogin {
  readonly secretSha256: string;
  readonly kind: LoginKind;
  readonly administratorUuid: string | null;
  readonly detail: string;
  readonly remoteAddress: string;
  readonly now: number;
  readonly expiresAt: number;
}

/** Sessions of administrators, links, logins under way. */
export class LoginRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  async insert(login: NewLogin): Promise<LoginRecord> {
    const now = Math.trunc(login.now);
    const row = {
      secret_sha256: login.secretSha256,
      uuid: uuidV7(now),
      kind: login.kind,
      administrator_uuid: login.administratorUuid,
      detail: login.detail,
      remote_address: login.remoteAddress,
      created_at: now,
      last_used_at: now,
      expires_at: Math.trunc(login.expiresAt),
    };
    await this.#database.insertInto('logins').values(row).execute();
    return toRecord(row);
  }

  /** The login of this kind that has not expired. */
  async find(kind: LoginKind, secretSha256: string, now: number): Promise<LoginRecord | null> {
    const row = await this.#database
      .selectFrom('logins')
      .selectAll()
      .where('secret_sha256', '=', secretSha256)
      .where('kind', '=', kind)
      .where('expires_at', '>', Math.trunc(now))
      .executeTakeFirst();
    return row === undefined ? null : toRecord(row);
  }

  /** Finds and deletes in one: what is good for one time. */
  async take(kind: LoginKind, secretSha256: string, now: number): Promise<LoginRecord | null> {
    const row = await this.#database
      .deleteFrom('logins')
      .where('secret_sha256', '=', secretSha256)
      .where('kind', '=', kind)
      .returningAll()
      .executeTakeFirst();
    return row === undefined || row.expires_at <= now ? null : toRecord(row);
  }

  /** The sessions of one administrator that have not expired, the newest first. */
  async sessionsOf(administratorUuid: string, now: number): Promise<readonly LoginRecord[]> {
    const rows = await this.#database
      .selectFrom('logins')
      .selectAll()
      .where('kind', '=', 'session')
      .where('administrator_uuid', '=', administratorUuid)
      .where('expires_at', '>', Math.trunc(now))
      .orderBy('uuid', 'desc')
      .execute();
    return rows.map(toRecord);
  }

  /** Whether the administrator has a session that was opened from this address. */
  async knows(administratorUuid: string, remoteAddress: string, now: number): Promise<boolean> {
    const row = await this.#database
      .selectFrom('logins')
      .select('uuid')
      .where('kind', '=', 'session')
      .where('administrator_uuid', '=', administratorUuid)
      .where('remote_address', '=', remoteAddress)
      .where('expires_at', '>', Math.trunc(now))
      .executeTakeFirst();
    return row !== undefined;
  }

  async touch(secretSha256: string, now: number): Promise<void> {
    await this.#database
      .updateTable('logins')
      .set({ last_used_at: Math.trunc(now) })
      .where('secret_sha256', '=', secretSha256)
      .execute();
  }

  async delete(secretSha256: string): Promise<boolean> {
    const result = await this.#database
      .deleteFrom('logins')
      .where('secret_sha256', '=', secretSha256)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  /** Ends one session of an administrator. */
  async deleteSession(administratorUuid: string, uuid: string): Promise<boolean> {
    const result = await this.#database
      .deleteFrom('logins')
      .where('uuid', '=', uuid)
      .where('kind', '=', 'session')
      .where('administrator_uuid', '=', administratorUuid)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  /** Ends all sessions and links of an administrator but one; returns how many. */
  async deleteAllOf(administratorUuid: string, exceptSha256: string | null = null): Promise<number> {
    let remove = this.#database.deleteFrom('logins').where('administrator_uuid', '=', administratorUuid);
    if (exceptSha256 !== null) remove = remove.where('secret_sha256', '!=', exceptSha256);
    const result = await remove.executeTakeFirst();
    return Number(result.numDeletedRows);
  }

  /** Deletes the links that make the first owner. */
  async deleteFirstLinks(): Promise<void> {
    await this.#database
      .deleteFrom('logins')
      .where('kind', '=', 'link')
      .where('administrator_uuid', 'is', null)
      .execute();
  }

  /** Keeps the newest `most` of a kind, so that nobody fills the table without signing in. */
  async keepNewest(kind: LoginKind, most: number): Promise<void> {
    const oldest = await this.#database
      .selectFrom('logins')
      .select('uuid')
      .where('kind', '=', kind)
      .orderBy('uuid', 'desc')
      .offset(most)
      .limit(1)
      .executeTakeFirst();
    if (oldest === undefined) return;
    await this.#database
      .deleteFrom('logins')
      .where('kind', '=', kind)
      .where('uuid', '<=', oldest.uuid)
      .execute();
  }

  /** Deletes what has expired, and sessions unused since `idleBefore`; returns how many. */
  async prune(now: number, idleBefore: number): Promise<number> {
    const result = await this.#database
      .deleteFrom('logins')
      .where((where) =>
        where.or([
          where('expires_at', '<=', Math.trunc(now)),
          where.and([where('kind', '=', 'session'), where('last_used_at', '<=', Math.trunc(idleBefore))]),
        ]),
      )
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}

function toRecord(row: Selectable<LoginTable>): LoginRecord {
  return {
    uuid: row.uuid,
    secretSha256: row.secret_sha256,
    kind: loginKinds.find((kind) => kind === row.kind) ?? 'link',
    administratorUuid: row.administrator_uuid,
    detail: row.detail,
    remoteAddress: row.remote_address,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  };
}
