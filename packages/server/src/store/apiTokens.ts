import type { Kysely, Selectable } from 'kysely';
import type { ApiTokenTable, Database } from './schema.js';
import { uuidV7 } from './uuid.js';

/** A token of a program; only the hash of its secret is stored. */
export interface ApiTokenRecord {
  readonly uuid: string;
  readonly name: string;
  /** Who made it; null: root on the server. */
  readonly administratorUuid: string | null;
  readonly scopes: readonly string[];
  /** UTC milliseconds, as all times. */
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

export interface NewApiToken extends Pick<
  ApiTokenRecord,
  'name' | 'administratorUuid' | 'scopes' | 'expiresAt'
> {
  readonly secretSha256: string;
  readonly now: number;
}

/** Tokens of programs. */
export class ApiTokenRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  async insert(token: NewApiToken): Promise<ApiTokenRecord> {
    const now = Math.trunc(token.now);
    const row = {
      uuid: uuidV7(now),
      secret_sha256: token.secretSha256,
      name: token.name,
      administrator_uuid: token.administratorUuid,
      scopes: JSON.stringify(token.scopes),
      created_at: now,
      expires_at: token.expiresAt,
      last_used_at: null,
      revoked_at: null,
    };
    await this.#database.insertInto('api_tokens').values(row).execute();
    return toRecord(row);
  }

  async findBySecret(secretSha256: string): Promise<ApiTokenRecord | null> {
    const row = await this.#database
      .selectFrom('api_tokens')
      .selectAll()
      .where('secret_sha256', '=', secretSha256)
      .executeTakeFirst();
    return row === undefined ? null : toRecord(row);
  }

  async find(uuid: string): Promise<ApiTokenRecord | null> {
    const row = await this.#database
      .selectFrom('api_tokens')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row === undefined ? null : toRecord(row);
  }

  /** In order of creation; of one administrator, or of everybody. */
  async list(page: {
    readonly administratorUuid: string | null;
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly ApiTokenRecord[]> {
    let select = this.#database
      .selectFrom('api_tokens')
      .selectAll()
      .where('uuid', '>', page.after ?? '');
    if (page.administratorUuid !== null) {
      select = select.where('administrator_uuid', '=', page.administratorUuid);
    }
    const rows = await select.orderBy('uuid').limit(page.limit).execute();
    return rows.map(toRecord);
  }

  /** How many of an administrator are neither revoked nor expired. */
  async countActive(administratorUuid: string | null, now: number): Promise<number> {
    const select = this.#database
      .selectFrom('api_tokens')
      .select(({ fn }) => fn.countAll().as('tokens'))
      .where('administrator_uuid', administratorUuid === null ? 'is' : '=', administratorUuid)
      .where('revoked_at', 'is', null)
      .where((where) =>
        where.or([where('expires_at', 'is', null), where('expires_at', '>', Math.trunc(now))]),
      );
    return Number((await select.executeTakeFirst())?.tokens ?? 0);
  }

  async touch(uuid: string, now: number): Promise<void> {
    await this.#database
      .updateTable('api_tokens')
      .set({ last_used_at: Math.trunc(now) })
      .where('uuid', '=', uuid)
      .execute();
  }

  /** False when it was revoked before, or never was. */
  async revoke(uuid: string, now: number): Promise<boolean> {
    const result = await this.#database
      .updateTable('api_tokens')
      .set({ revoked_at: Math.trunc(now) })
      .where('uuid', '=', uuid)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  /** Forgets tokens that ended before `before`; returns how many. */
  async prune(before: number): Promise<number> {
    const result = await this.#database
      .deleteFrom('api_tokens')
      .where((where) => where.or([where('revoked_at', '<', before), where('expires_at', '<', before)]))
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}

function toRecord(row: Selectable<ApiTokenTable>): ApiTokenRecord {
  return {
    uuid: row.uuid,
    name: row.name,
    administratorUuid: row.administrator_uuid,
    scopes: JSON.parse(row.scopes) as string[],
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
