import type { Kysely, Selectable } from 'kysely';
import type { ClientTokenTable, Database } from './schema.js';
import { uuidV7 } from './uuid.js';

/** A bearer token of a client that cannot do mutual TLS. */
export interface ClientTokenRecord {
  /** UUIDv7. */
  readonly uuid: string;
  /** Lower-case hex; the token itself is not stored. */
  readonly secretSha256: string;
  readonly clientUuid: string;
  /** UTC milliseconds, as the two below. */
  readonly createdAt: number;
  /** The first millisecond in which it is of no use; null: never. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

export type NewClientToken = Pick<ClientTokenRecord, 'secretSha256' | 'clientUuid' | 'expiresAt'> & {
  readonly now: number;
};

/** Bearer tokens of clients. */
export class ClientTokenRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** The client must exist. */
  async create(token: NewClientToken): Promise<ClientTokenRecord> {
    const row = {
      uuid: uuidV7(token.now),
      secret_sha256: token.secretSha256,
      client_uuid: token.clientUuid,
      created_at: Math.trunc(token.now),
      expires_at: token.expiresAt === null ? null : Math.trunc(token.expiresAt),
      revoked_at: null,
    };
    await this.#database.insertInto('client_tokens').values(row).execute();
    return toClientTokenRecord(row);
  }

  async find(uuid: string): Promise<ClientTokenRecord | null> {
    const row = await this.#database
      .selectFrom('client_tokens')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row === undefined ? null : toClientTokenRecord(row);
  }

  /** In order of age; `after` is the uuid of the last of the page before, `limit` defaults to 100. */
  async list(
    query: { readonly clientUuid?: string; readonly after?: string; readonly limit?: number } = {},
  ): Promise<readonly ClientTokenRecord[]> {
    let select = this.#database
      .selectFrom('client_tokens')
      .selectAll()
      .where('uuid', '>', query.after ?? '');
    if (query.clientUuid !== undefined) select = select.where('client_uuid', '=', query.clientUuid);
    const rows = await select
      .orderBy('uuid')
      .limit(query.limit ?? 100)
      .execute();
    return rows.map(toClientTokenRecord);
  }

  /** True when it was not revoked before. */
  async revoke(uuid: string, now: number): Promise<boolean> {
    const result = await this.#database
      .updateTable('client_tokens')
      .set({ revoked_at: Math.trunc(now) })
      .where('uuid', '=', uuid)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }
}

function toClientTokenRecord(row: Selectable<ClientTokenTable>): ClientTokenRecord {
  return {
    uuid: row.uuid,
    secretSha256: row.secret_sha256,
    clientUuid: row.client_uuid,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  };
}
