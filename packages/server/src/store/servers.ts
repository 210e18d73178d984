import type { Kysely } from 'kysely';
import type { Database } from './schema.js';

/** A server that uses this database. */
export interface ServerRecord {
  /** What its state folder remembers. */
  readonly uuid: string;
  /** Of its machine. */
  readonly name: string;
  /** UTC milliseconds, as the next. */
  readonly startedAt: number;
  /** When it was heard of last. */
  readonly seenAt: number;
}

/** The servers on this database, as they say themselves. */
export class ServerRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  /** A server is there. */
  async seen({ uuid, name, startedAt, seenAt }: ServerRecord): Promise<void> {
    const columns = { name, started_at: Math.trunc(startedAt), seen_at: Math.trunc(seenAt) };
    await this.#database
      .insertInto('servers')
      .values({ uuid, ...columns })
      .onConflict((conflict) => conflict.column('uuid').doUpdateSet(columns))
      .execute();
  }

  /** In order of their names. */
  async list(): Promise<readonly ServerRecord[]> {
    const rows = await this.#database.selectFrom('servers').selectAll().orderBy('name').execute();
    return rows.map((row) => ({
      uuid: row.uuid,
      name: row.name,
      startedAt: row.started_at,
      seenAt: row.seen_at,
    }));
  }

  /** Forgets a server unless it was seen at `seenBefore` (UTC milliseconds) or later; true when it did. */
  async forget(uuid: string, seenBefore: number): Promise<boolean> {
    const result = await this.#database
      .deleteFrom('servers')
      .where('uuid', '=', uuid)
      .where('seen_at', '<', Math.trunc(seenBefore))
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }
}
