import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
} from 'kysely';
import type { QueryObserver } from './queryObserver.js';
import type { SqliteThread, StatementResult } from './sqliteThread.js';
import { StatementQueue } from './statementQueue.js';
import { StoreError, storeErrorOfSqlite } from './storeError.js';
import type { TransactionScope } from './transactionScope.js';

/** kysely's SQLite, with every query answered by the worker thread. */
export class SqliteThreadDialect implements Dialect {
  readonly #thread: SqliteThread;
  readonly #file: string;
  readonly #observer: QueryObserver;
  readonly #scope: TransactionScope;

  constructor(thread: SqliteThread, file: string, observer: QueryObserver, scope: TransactionScope) {
    this.#thread = thread;
    this.#file = file;
    this.#observer = observer;
    this.#scope = scope;
  }

  createDriver(): Driver {
    return new ThreadDriver(this.#thread, this.#file, this.#observer, this.#scope);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter();
  }

  createIntrospector(database: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(database);
  }
}

class ThreadDriver implements Driver {
  readonly #thread: SqliteThread;
  readonly #queue: StatementQueue;
  readonly #file: string;
  readonly #observer: QueryObserver;
  readonly #scope: TransactionScope;

  constructor(thread: SqliteThread, file: string, observer: QueryObserver, scope: TransactionScope) {
    this.#thread = thread;
    this.#queue = new StatementQueue(thread);
    this.#file = file;
    this.#observer = observer;
    this.#scope = scope;
  }

  async init(): Promise<void> {
    // The thread opened the file before the dialect was made.
  }

  async acquireConnection(): Promise<ThreadConnection> {
    this.#scope.assertOutside();
    return new ThreadConnection(this.#queue, this.#file, this.#observer);
  }

  async beginTransaction(connection: ThreadConnection): Promise<void> {
    await connection.enter();
  }

  async commitTransaction(connection: ThreadConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: ThreadConnection): Promise<void> {
    await connection.rollBack();
  }

  async releaseConnection(connection: ThreadConnection): Promise<void> {
    connection.leave();
  }

  async destroy(): Promise<void> {
    await this.#thread.close();
  }
}

/** What kysely runs queries on: free of the others until it begins a transaction. */
class ThreadConnection implements DatabaseConnection {
  readonly #queue: StatementQueue;
  readonly #file: string;
  readonly #observer: QueryObserver;
  #entered = false;
  #unobservedWrite = false;

  constructor(queue: StatementQueue, file: string, observer: QueryObserver) {
    this.#queue = queue;
    this.#file = file;
    this.#observer = observer;
  }

  async enter(): Promise<void> {
    await this.#queue.enter();
    this.#entered = true;
    // Takes the write lock now: a transaction that finds it taken halfway could not simply wait.
    await this.#control('begin immediate');
  }

  async commit(): Promise<void> {
    await this.#control('commit');
    if (this.#unobservedWrite) this.#observer.wrote();
  }

  /** SQLite has rolled back by itself when the disk was full; then there is nothing left to do. */
  async rollBack(): Promise<void> {
    await this.#run({ sql: 'rollback', parameters: [] });
  }

  leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    this.#queue.leave();
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, changes, readonly } = this.#checked(await this.#run(query));
    if (!readonly && this.#entered) this.#unobservedWrite = true;
    if (!readonly && !this.#entered) this.#observer.wrote();
    return { rows: rows as Row[], numAffectedRows: BigInt(changes) };
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('the store does not stream: read pages');
  }

  async #run({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<StatementResult> {
    const askedAt = performance.now();
    try {
      const result = await (this.#entered
        ? this.#queue.runEntered({ sql, parameters })
        : this.#queue.run({ sql, parameters }));
      const operation = result.ok && result.readonly ? 'read' : 'write';
      this.#observer.answered(operation, performance.now() - askedAt);
      return result;
    } catch (error) {
      if (error instanceof StoreError) this.#observer.failed(error);
      throw error;
    }
  }

  async #control(sql: string): Promise<void> {
    this.#checked(await this.#run({ sql, parameters: [] }));
  }

  #checked(result: StatementResult): Extract<StatementResult, { readonly ok: true }> {
    if (result.ok) return result;
    const error = storeErrorOfSqlite(result.code, result.message, this.#file);
    this.#observer.failed(error);
    throw error;
  }
}
