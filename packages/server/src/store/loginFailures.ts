import type { Kysely } from 'kysely';
import type { Database } from './schema.js';

/** How often something failed lately, and until when it is not tried. */
export interface LoginFailures {
  readonly failures: number;
  /** UTC milliseconds. */
  readonly lastAt: number;
  readonly lockedUntil: number;
}

/** Failed logins by account and by address. */
export class LoginFailureRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  async find(key: string): Promise<LoginFailures | null> {
    const row = await this.#database
      .selectFrom('login_failures')
      .selectAll()
      .where('key', '=', key)
      .executeTakeFirst();
    return row === undefined
      ? null
      : { failures: row.failures, lastAt: row.last_at, lockedUntil: row.locked_until };
  }

  async put(key: string, { failures, lastAt, lockedUntil }: LoginFailures): Promise<void> {
    const row = { failures, last_at: Math.trunc(lastAt), locked_until: Math.trunc(lockedUntil) };
    await this.#database
      .insertInto('login_failures')
      .values({ key, ...row })
      .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
      .execute();
  }

  async delete(key: string): Promise<void> {
    await this.#database.deleteFrom('login_failures').where('key', '=', key).execute();
  }

  /** Forgets what neither failed since `before` nor is locked now, and keeps the newest `most` of the rest. */
  async prune(now: number, before: number, most: number): Promise<void> {
    await this.#database
      .deleteFrom('login_failures')
      .where('last_at', '<', Math.trunc(before))
      .where('locked_until', '<=', Math.trunc(now))
      .execute();
    const surplus = await this.#database
      .selectFrom('login_failures')
      .select('last_at')
      .orderBy('last_at', 'desc')
      .offset(most)
      .limit(1)
      .executeTakeFirst();
    if (surplus === undefined) return;
    await this.#database.deleteFrom('login_failures').where('last_at', '<=', surplus.last_at).execute();
  }
}
