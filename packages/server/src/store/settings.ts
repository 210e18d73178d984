import type { Kysely } from 'kysely';
import type { Database } from './schema.js';

/** Small values the server keeps about itself. */
export class SettingRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  async get(key: string): Promise<string | null> {
    const row = await this.#database
      .selectFrom('settings')
      .select('value')
      .where('key', '=', key)
      .executeTakeFirst();
    return row?.value ?? null;
  }

  async set(key: string, value: string): Promise<void> {
    await this.#database
      .insertInto('settings')
      .values({ key, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute();
  }

  /** The value of a key, after setting it if it had none: of several servers at once, all get the same. */
  async establish(key: string, value: string): Promise<string> {
    await this.#database
      .insertInto('settings')
      .values({ key, value })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return (await this.get(key)) ?? value;
  }

  /** Sets the value if it is still `from` (null: not set); false when it is not. */
  async replace(key: string, from: string | null, value: string): Promise<boolean> {
    if (from === null) {
      const row = await this.#database
        .insertInto('settings')
        .values({ key, value })
        .onConflict((conflict) => conflict.doNothing())
        .returning('key')
        .executeTakeFirst();
      return row !== undefined;
    }
    const result = await this.#database
      .updateTable('settings')
      .set({ value })
      .where('key', '=', key)
      .where('value', '=', from)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }
}
