import { Worker } from 'node:worker_threads';
import { StoreError, storeErrorOfSqlite } from './storeError.js';

/** One SQL statement with its parameters in order. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

export type StatementResult =
  | {
      readonly ok: true;
      readonly rows: readonly unknown[];
      /** Rows inserted, changed or deleted. */
      readonly changes: number;
      /** Whether the statement could not write. */
      readonly readonly: boolean;
    }
  | { readonly ok: false; readonly code: string; readonly message: string };

type OpeningResult =
  { readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string };

interface Answer {
  readonly id: number;
  readonly results: readonly StatementResult[];
}

interface Waiter {
  readonly resolve: (results: readonly StatementResult[]) => void;
  readonly reject: (error: StoreError) => void;
}

/** The worker thread that owns the SQLite file, as seen from here. */
export class SqliteThread {
  readonly #worker: Worker;
  readonly #file: string;
  readonly #waiting = new Map<number, Waiter>();
  readonly #exited: Promise<void>;
  #nextId = 0;
  /** Why nothing can be asked any more. */
  #ended: StoreError | null = null;

  private constructor(worker: Worker, file: string) {
    this.#worker = worker;
    this.#file = file;
    worker.on('message', (answer: Answer) => this.#settle(answer));
    worker.on('error', (error: Error) => this.#end(error.message));
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#end('its thread ended');
        resolve();
      });
    });
  }

  /** Starts the thread and opens the file; rejects with a StoreError when that fails. */
  static async open(file: string, supportedVersion: number): Promise<SqliteThread> {
    const worker = new Worker(new URL('./sqliteWorker.js', import.meta.url), {
      workerData: { file, supportedVersion },
      name: 'masque-vpn store',
    });
    const opening = await new Promise<OpeningResult>((resolve) => {
      worker.once('message', resolve);
      worker.once('error', (error) => resolve({ ok: false, code: 'UNKNOWN', message: error.message }));
    });
    if (opening.ok) return new SqliteThread(worker, file);
    await worker.terminate();
    throw storeErrorOfSqlite(opening.code, opening.message, file);
  }

  /** Runs statements in order; several outside a transaction become one. Rejects when the thread is gone. */
  run(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    return this.#ask({ statements });
  }

  /** Copies the database as it is at the end of the call into a file that does not exist; statements go on meanwhile. */
  async copyTo(file: string): Promise<void> {
    const [result] = await this.#ask({ copyTo: file });
    if (result?.ok === false) throw storeErrorOfSqlite(result.code, result.message, file);
  }

  #ask(
    question: { readonly statements: readonly Statement[] } | { readonly copyTo: string },
  ): Promise<readonly StatementResult[]> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#worker.postMessage({ id, ...question });
      this.#waiting.set(id, { resolve, reject });
    });
  }

  /** Closes the file after what was asked before; settles when the thread is gone. */
  async close(): Promise<void> {
    this.#ended ??= new StoreError('STORE_CLOSED', 'the store was closed');
    this.#worker.postMessage({ close: true });
    await this.#exited;
  }

  #settle({ id, results }: Answer): void {
    this.#waiting.get(id)?.resolve(results);
    this.#waiting.delete(id);
  }

  #end(reason: string): void {
    this.#ended ??= storeErrorOfSqlite('UNKNOWN', reason, this.#file);
    for (const waiter of this.#waiting.values()) waiter.reject(this.#ended);
    this.#waiting.clear();
  }
}
