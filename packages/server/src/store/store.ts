import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AuditEntry } from './audit.js';
import { schemaVersion } from './migrations.js';
import type { OpenDatabase, Snapshot } from './openDatabase.js';
import type { PostgresLocation } from './postgresConnection.js';
import { TransactionConflict } from './postgresError.js';
import { openPostgres } from './postgresStore.js';
import { Repositories } from './repositories.js';
import { openSqlite } from './sqliteStore.js';
import { StoreError } from './storeError.js';
import { StoreHealth } from './storeHealth.js';
import type { StoreObserver } from './storeObserver.js';

/** Which database. */
export type StoreLocation =
  /** Path of the SQLite file; made with mode 0600 if it does not exist, its folder with 0700. */
  { readonly kind: 'sqlite'; readonly file: string } | ({ readonly kind: 'postgres' } & PostgresLocation);

export interface StoreOptions {
  readonly location: StoreLocation;
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
  const { location, logger } = options;
  const health = new StoreHealth(options);
  const now = Math.trunc(options.clock.now());
  try {
    const opened =
      location.kind === 'sqlite'
        ? await openSqlite(location.file, now, health)
        : await openPostgres(location, now, health, logger);
    const { where, before } = opened;
    if (before < schemaVersion) {
      logger.info({ database: where, from: before, to: schemaVersion }, 'database migrated');
    }
    return { ok: true, value: new Store(opened, health) };
  } catch (error) {
    if (error instanceof StoreError) return { ok: false, error };
    throw error;
  }
}

/** How often a transaction that met another one is tried. */
const MAX_ATTEMPTS = 10;

/** What happens in a transaction before the rest of it. */
type Alongside = (repositories: Repositories) => Promise<void>;

/** The open database. Every method of a repository throws {@link StoreError} when the store is lost. */
export class Store extends Repositories implements AsyncDisposable {
  readonly #opened: OpenDatabase;
  readonly #health: StoreHealth;
  readonly #alongside = new AsyncLocalStorage<Alongside>();
  readonly #auditListeners = new Set<(entry: AuditEntry) => void>();

  constructor(opened: OpenDatabase, health: StoreHealth) {
    super(opened.database, opened.changes.within(opened.database));
    this.#opened = opened;
    this.#health = health;
  }

  /** Whether the database takes writes, as far as the last ones told: false while the disk is full. */
  get available(): boolean {
    return this.#health.available;
  }

  /**
   * Everything that `work` does with the repositories it is given happens as if nobody else used the database, and as
   * a whole, or not at all when it throws. It may be run again from its start when others changed what it read: it
   * must do nothing but read and write. It must not use the store itself, nor wait for anything else: on SQLite every
   * other query waits for it.
   */
  async atomically<T>(work: (repositories: Repositories) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const audited: AuditEntry[] = [];
        const value = await this.#once(work, audited);
        this.#tell(audited);
        return value;
      } catch (error) {
        if (!(error instanceof TransactionConflict) || attempt === MAX_ATTEMPTS) throw error;
        // Those that met would otherwise meet again.
        await delay(Math.random() * 5 * attempt);
      }
    }
  }

  /** Runs `work`: what `first` does happens in each transaction that `work` makes, or that transaction does not. */
  alongside<T>(first: Alongside, work: () => Promise<T>): Promise<T> {
    return this.#alongside.run(first, work);
  }

  /** What the database contains now, while it goes on to be used. Dispose of it soon: it costs disk space. */
  snapshot(): Promise<Snapshot> {
    return this.#opened.snapshot();
  }

  /** Waits for running queries, then closes the database. Idempotent. */
  async close(): Promise<void> {
    await this.#opened.changes[Symbol.asyncDispose]();
    await this.#opened.database.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Tells of each audit entry that this server wrote in a transaction, once it is committed. */
  onAudited(listener: (entry: AuditEntry) => void): Disposable {
    this.#auditListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#auditListeners.delete(listener) };
  }

  #tell(entries: readonly AuditEntry[]): void {
    for (const entry of entries) for (const listener of this.#auditListeners) listener(entry);
  }

  #once<T>(work: (repositories: Repositories) => Promise<T>, audited: AuditEntry[]): Promise<T> {
    const { database, changes, scope, isolation } = this.#opened;
    const transaction = database.transaction();
    return (isolation === null ? transaction : transaction.setIsolationLevel(isolation)).execute((inside) =>
      scope.run(async () => {
        const repositories = new Repositories(inside, changes.within(inside), (entry) => audited.push(entry));
        await this.#alongside.getStore()?.(repositories);
        return work(repositories);
      }),
    );
  }
}
