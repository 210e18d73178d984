import type { Kysely } from 'kysely';
import type { Database } from './schema.js';

/** What the first request with a key was, and what it was answered. */
export interface IdempotencyRecord {
  readonly requestSha256: string;
  /** Uuid of the server that it came to; null: the only one. */
  readonly server: string | null;
  /** Whether a transaction of it was committed. */
  readonly done: boolean;
  /** Null while it is not answered yet. */
  readonly answer: { readonly status: number; readonly sealedBody: string } | null;
  /** UTC milliseconds. */
  readonly createdAt: number;
}

/** One reservation of a key: after it was released the same key may be reserved again. */
export interface ReservedKey {
  readonly key: string;
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
  async reserve(
    { key, createdAt }: ReservedKey,
    { requestSha256, server }: Pick<IdempotencyRecord, 'requestSha256' | 'server'>,
  ): Promise<boolean> {
    const row = await this.#database
      .insertInto('idempotency_keys')
      .values({
        ...{ key, request_sha256: requestSha256, server },
        ...{ status: null, answer: null, done: 0, created_at: createdAt },
      })
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
    const { status, answer, server } = row;
    return {
      requestSha256: row.request_sha256,
      ...{ server, done: row.done === 1 },
      answer: status === null || answer === null ? null : { status, sealedBody: answer },
      createdAt: row.created_at,
    };
  }

  /** Belongs into the transaction that does it. False when it is not reserved any more: nothing may be done then. */
  async markDone({ key, createdAt }: ReservedKey): Promise<boolean> {
    const result = await this.#database
      .updateTable('idempotency_keys')
      .set({ done: 1 })
      .where('key', '=', key)
      .where('created_at', '=', createdAt)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  async answer({ key, createdAt }: ReservedKey, status: number, sealedBody: string): Promise<void> {
    await this.#database
      .updateTable('idempotency_keys')
      .set({ status, answer: sealedBody })
      .where('key', '=', key)
      .where('created_at', '=', createdAt)
      .execute();
  }

  /** Frees a key of which nothing was committed; false when something was, or it is free already. */
  async release({ key, createdAt }: ReservedKey): Promise<boolean> {
    const result = await this.#database
      .deleteFrom('idempotency_keys')
      .where('key', '=', key)
      .where('created_at', '=', createdAt)
      .where('done', '=', 0)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  /** Frees a key, whatever became of it. */
  async forget({ key, createdAt }: ReservedKey): Promise<void> {
    await this.#database
      .deleteFrom('idempotency_keys')
      .where('key', '=', key)
      .where('created_at', '=', createdAt)
      .execute();
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
