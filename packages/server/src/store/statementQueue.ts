import type { SqliteThread, Statement, StatementResult } from './sqliteThread.js';
import { StoreError } from './storeError.js';

/** Queries that may wait; beyond it they fail at once with STORE_BUSY. */
const MAX_WAITING = 4_096;
/** Statements that share one commit. */
const MAX_GROUP = 128;

type Waiting =
  | {
      readonly kind: 'statement';
      readonly statement: Statement;
      readonly resolve: (result: StatementResult) => void;
      readonly reject: (error: unknown) => void;
    }
  | { readonly kind: 'transaction'; readonly resolve: () => void };

/**
 * Who may talk to the one SQLite connection, first come, first served: single statements, which travel and commit in
 * groups, or one transaction at a time.
 */
export class StatementQueue {
  readonly #thread: SqliteThread;
  readonly #waiting: Waiting[] = [];
  /** A group is under way, or a transaction is open. */
  #occupied = false;

  constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  /** Runs one statement outside a transaction; it is committed when the promise settles. */
  run(statement: Statement): Promise<StatementResult> {
    return new Promise((resolve, reject) => {
      this.#admit({ kind: 'statement', statement, resolve, reject });
    });
  }

  /** Waits for the connection; from then on it is the caller's until `leave`. */
  enter(): Promise<void> {
    return new Promise((resolve) => {
      this.#admit({ kind: 'transaction', resolve });
    });
  }

  /** Runs a statement of the transaction that holds the connection. */
  async runEntered(statement: Statement): Promise<StatementResult> {
    const [result] = await this.#thread.run([statement]);
    if (result === undefined) throw new Error('the store thread answered without a result');
    return result;
  }

  leave(): void {
    this.#occupied = false;
    this.#proceed();
  }

  /** Throws inside the promise of `run` and `enter`, which so reject. */
  #admit(waiting: Waiting): void {
    if (this.#waiting.length >= MAX_WAITING) {
      throw new StoreError(
        'STORE_BUSY',
        `${MAX_WAITING} queries are waiting for the database. The disk is too slow for this load.`,
      );
    }
    this.#waiting.push(waiting);
    this.#proceed();
  }

  #proceed(): void {
    if (this.#occupied) return;
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#occupied = true;
    if (first.kind === 'transaction') {
      this.#waiting.shift();
      first.resolve();
    } else {
      void this.#runGroup();
    }
  }

  async #runGroup(): Promise<void> {
    // Queries of the same tick share the group.
    await Promise.resolve();
    const limit = this.#waiting.slice(0, MAX_GROUP).findIndex((waiting) => waiting.kind === 'transaction');
    const group = this.#waiting
      .splice(0, limit === -1 ? MAX_GROUP : limit)
      .flatMap((waiting) => (waiting.kind === 'statement' ? [waiting] : []));
    try {
      const results = await this.#thread.run(group.map(({ statement }) => statement));
      for (const [index, result] of results.entries()) group[index]?.resolve(result);
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      this.leave();
    }
  }
}
