import {
  CompiledQuery,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type DataTypeNode,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import { Pool, type ClientConfig, type PoolClient, type QueryResult as PostgresResult } from 'pg';
import { endsConnection, storeErrorOfPostgres, TransactionConflict } from './postgresError.js';
import type { QueryObserver } from './queryObserver.js';
import { StoreError } from './storeError.js';
import type { TransactionScope } from './transactionScope.js';

/** Queries that may wait for a connection; beyond it they fail at once with STORE_BUSY. */
const MAX_WAITING = 1_024;

export interface PostgresDialectOptions {
  readonly client: ClientConfig;
  readonly maxConnections: number;
  /** The address for people, without its password. */
  readonly where: string;
  readonly observer: QueryObserver;
  readonly scope: TransactionScope;
}

/** kysely's PostgreSQL on a bounded pool of connections; every failure is a {@link StoreError}. */
export class PostgresPoolDialect implements Dialect {
  readonly #options: PostgresDialectOptions;

  constructor(options: PostgresDialectOptions) {
    this.#options = options;
  }

  createDriver(): Driver {
    return new PoolDriver(this.#options);
  }

  createQueryCompiler(): QueryCompiler {
    return new BinaryOrderCompiler();
  }

  createAdapter(): DialectAdapter {
    return new PostgresAdapter();
  }

  createIntrospector(database: Kysely<unknown>): DatabaseIntrospector {
    return new PostgresIntrospector(database);
  }
}

/** Texts are compared by their bytes, as in SQLite: pages and prefixes must not depend on the database's language. */
class BinaryOrderCompiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node);
    if (node.dataType === 'text' && this.parentNode?.kind === 'ColumnDefinitionNode') {
      this.append(' collate "C"');
    }
  }
}

class PoolDriver implements Driver {
  readonly #options: PostgresDialectOptions;
  readonly #pool: Pool;

  constructor(options: PostgresDialectOptions) {
    this.#options = options;
    this.#pool = new Pool({ ...options.client, max: options.maxConnections, idleTimeoutMillis: 60_000 });
    // A connection that breaks while nothing runs on it is replaced; whoever runs something is told by that.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  async init(): Promise<void> {
    // The pool connects when it is asked to.
  }

  async acquireConnection(): Promise<PoolConnection> {
    const { where, observer, scope } = this.#options;
    scope.assertOutside();
    if (this.#pool.waitingCount >= MAX_WAITING) {
      const error = new StoreError(
        'STORE_BUSY',
        `${MAX_WAITING} queries are waiting for the database ${where}.`,
      );
      observer.failed(error);
      throw error;
    }
    const askedAt = performance.now();
    try {
      return new PoolConnection(await this.#pool.connect(), askedAt, this.#options);
    } catch (error) {
      const failure = this.#pool.ending
        ? new StoreError('STORE_CLOSED', 'the store was closed')
        : storeErrorOfPostgres(error, where);
      observer.failed(failure);
      throw failure;
    }
  }

  async beginTransaction(connection: PoolConnection, settings: TransactionSettings): Promise<void> {
    const level = settings.isolationLevel === undefined ? '' : ` isolation level ${settings.isolationLevel}`;
    const access = settings.accessMode === undefined ? '' : ` ${settings.accessMode}`;
    await connection.begin(`begin${level}${access}`);
  }

  async commitTransaction(connection: PoolConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: PoolConnection): Promise<void> {
    await connection.rollBack();
  }

  async releaseConnection(connection: PoolConnection): Promise<void> {
    connection.release();
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

/** A connection while it is somebody's. */
class PoolConnection implements DatabaseConnection {
  readonly #client: PoolClient;
  readonly #options: PostgresDialectOptions;
  #askedAt: number | null;
  #broken = false;
  #inTransaction = false;
  #unobservedWrite = false;

  /** @param askedAt when the caller began to wait, of `performance.now()` */
  constructor(client: PoolClient, askedAt: number, options: PostgresDialectOptions) {
    this.#client = client;
    this.#askedAt = askedAt;
    this.#options = options;
  }

  async begin(sql: string): Promise<void> {
    await this.#run(CompiledQuery.raw(sql));
    this.#inTransaction = true;
  }

  async commit(): Promise<void> {
    const { command } = await this.#run(CompiledQuery.raw('commit'));
    if (command !== 'COMMIT') {
      // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK instead of an error.
      throw new StoreError('STORE_QUERY_FAILED', `a transaction went on after a failed statement`);
    }
    if (this.#unobservedWrite) this.#options.observer.wrote();
  }

  /** A connection that could not even do that is thrown away, which rolls back, too. */
  async rollBack(): Promise<void> {
    try {
      await this.#client.query('rollback');
    } catch {
      this.#broken = true;
    }
  }

  release(): void {
    this.#client.release(this.#broken);
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { command, rowCount, rows } = await this.#run(query);
    const wrote = command !== 'SELECT';
    if (wrote && this.#inTransaction) this.#unobservedWrite = true;
    if (wrote && !this.#inTransaction) this.#options.observer.wrote();
    return {
      rows: rows as Row[],
      ...(wrote && rowCount !== null ? { numAffectedRows: BigInt(rowCount) } : {}),
    };
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('the store does not stream: read pages');
  }

  async #run({
    sql,
    parameters,
  }: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<PostgresResult<Record<string, unknown>>> {
    const { observer, where } = this.#options;
    const askedAt = this.#askedAt ?? performance.now();
    this.#askedAt = null;
    try {
      const result = await this.#client.query<Record<string, unknown>>(sql, [...parameters]);
      observer.answered(result.command === 'SELECT' ? 'read' : 'write', performance.now() - askedAt);
      return result;
    } catch (error) {
      if (endsConnection(error)) this.#broken = true;
      const failure = storeErrorOfPostgres(error, where);
      if (!(failure instanceof TransactionConflict)) observer.failed(failure);
      throw failure;
    }
  }
}
