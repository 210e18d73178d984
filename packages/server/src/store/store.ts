import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { noOtherServers } from './changes.js';
import { migrate, schemaVersion } from './migrations.js';
import { Repositories } from './repositories.js';
import type { Database } from './schema.js';
import { SqliteThreadDialect } from './sqliteDialect.js';
import { SqliteThread } from './sqliteThread.js';
import { StoreError, storeErrorOfSqlite } from './storeError.js';
import { StoreHealth } from './storeHealth.js';
import type { StoreObserver } from './storeObserver.js';

export interface StoreOptions {
  /** Path of the SQLite file; made with mode 0600 if it does not exist, its folder with 0700. */
  readonly file: string;
  readonly clock: { now(): number };
  readonly logger: Logger;
  /** Absent: nobody wants to know. */
  readonly observer?: StoreObserver;
}

export type StoreResult =
  { readonly ok: true; readonly value: Store } | { readonly ok: false; readonly error: StoreError };

/**
 * Opens (or makes) the database and migrates it. Expected codes: STORE_UNAVAILABLE, STORE_IN_USE, STORE_CORRUPT,
 * STORE_FULL, STORE_NEWER_VERSION. A database of a newer version is not touched.
 */
export async function openStore(options: StoreOptions): Promise<StoreResult> {
  try {
    makePrivateFile(options.file);
    const thread = await SqliteThread.open(options.file, schemaVersion);
    const health = new StoreHealth(options);
    const dialect = new SqliteThreadDialect(thread, options.file, health);
    const store = new Store(new Kysely<Database>({ dialect }), health, options);
    try {
      await store.migrate();
    } catch (error) {
      await store.close();
      throw error;
    }
    return { ok: true, value: store };
  } catch (error) {
    if (error instanceof StoreError) return { ok: false, error };
    throw error;
  }
}

/** The open database. Every method of a repository throws {@link StoreError} when the store is lost. */
export class Store extends Repositories implements AsyncDisposable {
  readonly #database: Kysely<Database>;
  readonly #options: StoreOptions;
  readonly #health: StoreHealth;

  constructor(database: Kysely<Database>, health: StoreHealth, options: StoreOptions) {
    super(database, noOtherServers);
    this.#database = database;
    this.#health = health;
    this.#options = options;
  }

  /**
   * Everything that `work` does with the repositories it is given happens as a whole, or not at all when it throws.
   * It must not use the store itself, and must not wait for anything slow: on SQLite every other query waits for it.
   */
  atomically<T>(work: (repositories: Repositories) => Promise<T>): Promise<T> {
    return this.#database
      .transaction()
      .execute((transaction) => work(new Repositories(transaction, this.changes)));
  }

  /** Whether the database takes writes, as far as the last ones told: false while the disk is full. */
  get available(): boolean {
    return this.#health.available;
  }

  /** Brings the tables to this program's version. */
  async migrate(): Promise<void> {
    const { clock, logger, file } = this.#options;
    const before = await migrate(this.#database, Math.trunc(clock.now()));
    if (before < schemaVersion) logger.info({ file, from: before, to: schemaVersion }, 'database migrated');
  }

  /** Waits for running queries, then closes the file. Idempotent. */
  async close(): Promise<void> {
    await this.#database.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Before SQLite makes it readable for everybody: it creates files with the process's umask. */
function makePrivateFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    throw storeErrorOfSqlite(code === 'ENOSPC' ? 'SQLITE_FULL' : 'SQLITE_CANTOPEN', code, file);
  }
}
