import type { Kysely } from 'kysely';
import type { Database } from './schema.js';

/** What the first request with a key was, and what it was answered. */
export interface IdempotencyRecord {
  readonly requestSha256: string;
  /** Null while it is not answered yet. */
  readonly answer: { readonly status: number; readonly sealedBody: string } | null;
  /** UTC milliseconds. */
  readonly createdAt: number;
}

/** Creations by the key that their caller chose. */
export class IdempotencyKeyRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** Reserves a key; false when it is taken. */
  async reserve(key: string, requestSha256: string, now: number): Promise<boolean> {
    const row = await this.#database
      .insertInto('idempotency_keys')
      .values({ key, request_sha256: requestSha256, status: null, answer: null, created_at: Math.trunc(now) })
      .onConflict((conflict) => conflict.doNothing())
      .returning('key')
      .executeTakeFirst();
    return row !== undefined;
  }

  async find(key: string): Promise<IdempotencyRecord | null> {
    const row = await this.#database
      .selectFrom('idempotency_keys')
      .selectAll()
      .where('key', '=', key)
      .executeTakeFirst();
    if (row === undefined) return null;
    const { status, answer } = row;
    return {
      requestSha256: row.request_sha256,
      answer: status === null || answer === null ? null : { status, sealedBody: answer },
      createdAt: row.created_at,
    };
  }

  async answer(key: string, status: number, sealedBody: string): Promise<void> {
    await this.#database
      .updateTable('idempotency_keys')
      .set({ status, answer: sealedBody })
      .where('key', '=', key)
      .execute();
  }

  async release(key: string): Promise<void> {
    await this.#database.deleteFrom('idempotency_keys').where('key', '=', key).execute();
  }

  /** Forgets keys from before `before` (UTC milliseconds); returns how many. */
  async prune(before: number): Promise<number> {
    const result = await this.#database
      .deleteFrom('idempotency_keys')
      .where('created_at', '<', Math.trunc(before))
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }

  async count(): Promise<number> {
    const row = await this.#database
      .selectFrom('idempotency_keys')
      .select(({ fn }) => fn.countAll().as('keys'))
      .executeTakeFirst();
    return Number(row?.keys ?? 0);
  }
}
