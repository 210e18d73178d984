import type { Kysely, Selectable, SelectQueryBuilder, Updateable } from 'kysely';
import type { AdministratorTable, Database } from './schema.js';
import { uuidV7 } from './uuid.js';

/** An administrator as stored. */
export interface AdministratorRecord {
  readonly uuid: string;
  readonly name: string;
  /** `owner`, `operator` or `reader`. */
  readonly role: string;
  readonly enabled: boolean;
  /** argon2id in PHC form; null: no login by password. */
  readonly passwordHash: string | null;
  /** Sealed; null: no second factor. */
  readonly totpSecret: string | null;
  /** Time step of the last code that was taken. */
  readonly totpLastStep: number | null;
  readonly oidcIssuer: string | null;
  readonly oidcSubject: string | null;
  /** UTC milliseconds, as all times. */
  readonly lastLoginAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Counts changes, from 1. */
  readonly version: number;
}

export interface NewAdministrator {
  readonly name: string;
  readonly role: string;
  readonly passwordHash?: string | null;
  readonly oidcIssuer?: string | null;
  readonly oidcSubject?: string | null;
  readonly now: number;
}

/** What can change; absent: stays as it is. */
export type AdministratorChange = Partial<
  Pick<AdministratorRecord, 'role' | 'enabled' | 'passwordHash' | 'totpSecret' | 'totpLastStep'>
>;

/** The people who administer. */
export class AdministratorRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** Null when the name, or the identity at the provider, is taken. */
  async create(administrator: NewAdministrator): Promise<AdministratorRecord | null> {
    const now = Math.trunc(administrator.now);
    const row = await this.#database
      .insertInto('administrators')
      .values({
        uuid: uuidV7(now),
        name: administrator.name,
        role: administrator.role,
        enabled: 1,
        password_hash: administrator.passwordHash ?? null,
        totp_secret: null,
        totp_last_step: null,
        oidc_issuer: administrator.oidcIssuer ?? null,
        oidc_subject: administrator.oidcSubject ?? null,
        last_login_at: null,
        created_at: now,
        updated_at: now,
        version: 1,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : toRecord(row);
  }

  async find(uuid: string): Promise<AdministratorRecord | null> {
    const row = await this.#select().where('uuid', '=', uuid).executeTakeFirst();
    return row === undefined ? null : toRecord(row);
  }

  async findByName(name: string): Promise<AdministratorRecord | null> {
    const row = await this.#select().where('name', '=', name).executeTakeFirst();
    return row === undefined ? null : toRecord(row);
  }

  /** By what the provider calls them. */
  async findByIdentity(issuer: string, subject: string): Promise<AdministratorRecord | null> {
    const row = await this.#select()
      .where('oidc_issuer', '=', issuer)
      .where('oidc_subject', '=', subject)
      .executeTakeFirst();
    return row === undefined ? null : toRecord(row);
  }

  /** In order of name; `after` is the last name of the page before. */
  async list(page: {
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly AdministratorRecord[]> {
    const rows = await this.#select()
      .where('name', '>', page.after ?? '')
      .orderBy('name')
      .limit(page.limit)
      .execute();
    return rows.map(toRecord);
  }

  async count(): Promise<number> {
    return this.#count(null);
  }

  /** Owners who may sign in. */
  async countOwners(): Promise<number> {
    return this.#count('owner');
  }

  /** Changes one that is still at this version; null when it is gone or was changed meanwhile. `version` null: any. */
  async update(
    uuid: string,
    change: AdministratorChange,
    at: { readonly now: number; readonly version: number | null },
  ): Promise<AdministratorRecord | null> {
    let update = this.#database
      .updateTable('administrators')
      .set(columnsOf(change))
      .set((expression) => ({ updated_at: Math.trunc(at.now), version: expression('version', '+', 1) }))
      .where('uuid', '=', uuid);
    if (at.version !== null) update = update.where('version', '=', at.version);
    const row = await update.returningAll().executeTakeFirst();
    return row === undefined ? null : toRecord(row);
  }

  /** Notes a login; it is no change that anybody else could collide with. */
  async noteLogin(uuid: string, now: number): Promise<void> {
    await this.#database
      .updateTable('administrators')
      .set({ last_login_at: Math.trunc(now) })
      .where('uuid', '=', uuid)
      .execute();
  }

  /** Takes a code's time step if none as late was taken before: false for a code that was seen (RFC 6238 §5.2). */
  async takeTotpStep(uuid: string, step: number): Promise<boolean> {
    const result = await this.#database
      .updateTable('administrators')
      .set({ totp_last_step: step })
      .where('uuid', '=', uuid)
      .where((where) => where.or([where('totp_last_step', 'is', null), where('totp_last_step', '<', step)]))
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  /** Writes a hash made with newer parameters; false when the password was changed meanwhile. */
  async replaceHash(uuid: string, before: string, after: string): Promise<boolean> {
    const result = await this.#database
      .updateTable('administrators')
      .set({ password_hash: after })
      .where('uuid', '=', uuid)
      .where('password_hash', '=', before)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  /** Deletes it with its logins and tokens. False when there was none. */
  async delete(uuid: string): Promise<boolean> {
    const result = await this.#database
      .deleteFrom('administrators')
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  async #count(role: string | null): Promise<number> {
    let select = this.#database
      .selectFrom('administrators')
      .select(({ fn }) => fn.countAll().as('administrators'));
    if (role !== null) select = select.where('role', '=', role).where('enabled', '=', 1);
    const row = await select.executeTakeFirst();
    return Number(row?.administrators ?? 0);
  }

  #select(): SelectQueryBuilder<Database, 'administrators', Selectable<AdministratorTable>> {
    return this.#database.selectFrom('administrators').selectAll();
  }
}

function columnsOf(change: AdministratorChange): Updateable<AdministratorTable> {
  const { role, enabled, passwordHash, totpSecret, totpLastStep } = change;
  return {
    ...(role === undefined ? {} : { role }),
    ...(enabled === undefined ? {} : { enabled: enabled ? 1 : 0 }),
    ...(passwordHash === undefined ? {} : { password_hash: passwordHash }),
    ...(totpSecret === undefined ? {} : { totp_secret: totpSecret }),
    ...(totpLastStep === undefined ? {} : { totp_last_step: totpLastStep }),
  };
}

function toRecord(row: Selectable<AdministratorTable>): AdministratorRecord {
  return {
    uuid: row.uuid,
    name: row.name,
    role: row.role,
    enabled: row.enabled !== 0,
    passwordHash: row.password_hash,
    totpSecret: row.totp_secret,
    totpLastStep: row.totp_last_step,
    oidcIssuer: row.oidc_issuer,
    oidcSubject: row.oidc_subject,
    lastLoginAt: row.last_login_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}
