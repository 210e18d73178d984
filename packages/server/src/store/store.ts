import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { CertificateRepository } from './certificates.js';
import { ClientRepository } from './clients.js';
import { LeaseRepository } from './leases.js';
import { migrate, schemaVersion } from './migrations.js';
import type { Database } from './schema.js';
import { SessionHistory } from './sessionHistory.js';
import { SettingRepository } from './settings.js';
import { SqliteThreadDialect } from './sqliteDialect.js';
import { SqliteThread } from './sqliteThread.js';
import { StoreError, storeErrorOfSqlite } from './storeError.js';
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
    const store = new Store(thread, options);
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

/** What the server remembers. Every method of a repository throws {@link StoreError} when the store is lost. */
export class Store implements AsyncDisposable {
  readonly clients: ClientRepository;
  readonly certificates: CertificateRepository;
  readonly leases: LeaseRepository;
  readonly sessionHistory: SessionHistory;
  readonly settings: SettingRepository;
  readonly #database: Kysely<Database>;
  readonly #options: StoreOptions;
  #available = true;

  constructor(thread: SqliteThread, options: StoreOptions) {
    const dialect = new SqliteThreadDialect(thread, options.file, {
      wrote: () => this.#wrote(),
      failed: (error) => this.#failed(error),
      answered: (operation, milliseconds) => options.observer?.answered(operation, milliseconds),
    });
    this.#database = new Kysely<Database>({ dialect });
    this.#options = options;
    this.clients = new ClientRepository(this.#database);
    this.certificates = new CertificateRepository(this.#database);
    this.leases = new LeaseRepository(this.#database);
    this.sessionHistory = new SessionHistory(this.#database);
    this.settings = new SettingRepository(this.#database);
  }

  /** Whether the database takes writes, as far as the last ones told: false while the disk is full. */
  get available(): boolean {
    return this.#available;
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

  #wrote(): void {
    if (!this.#available) this.#options.logger.info('the database takes writes again');
    this.#available = true;
  }

  #failed(error: StoreError): void {
    this.#options.observer?.failed();
    const lost =
      error.code === 'STORE_FULL' || error.code === 'STORE_UNAVAILABLE' || error.code === 'STORE_CORRUPT';
    if (lost && this.#available) this.#options.logger.error({ code: error.code }, error.message);
    if (lost) this.#available = false;
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
