import type { Logger } from 'pino';
import type { QueryObserver } from './queryObserver.js';
import type { StoreError, StoreErrorCode } from './storeError.js';
import type { StoreObserver } from './storeObserver.js';

/** Whether the database does its work, as far as the last queries told; says in the log when that changes. */
export class StoreHealth implements QueryObserver {
  readonly #logger: Logger;
  readonly #observer: StoreObserver | undefined;
  /** Why not; null: it does. */
  #lost: StoreErrorCode | null = null;

  constructor(options: { readonly logger: Logger; readonly observer?: StoreObserver }) {
    this.#logger = options.logger;
    this.#observer = options.observer;
  }

  /** False while the disk is full, or the database out of reach. */
  get available(): boolean {
    return this.#lost === null;
  }

  wrote(): void {
    if (this.#lost !== null) this.#logger.info('the database takes writes again');
    this.#lost = null;
  }

  /** The database answers again. Whether it has space for a write only the next one tells. */
  found(): void {
    if (this.#lost === 'STORE_UNAVAILABLE') this.#lost = null;
  }

  failed(error: StoreError): void {
    this.#observer?.failed();
    const { code } = error;
    const lost = code === 'STORE_FULL' || code === 'STORE_UNAVAILABLE' || code === 'STORE_CORRUPT';
    if (!lost) return;
    if (this.#lost === null) this.#logger.error({ code }, error.message);
    this.#lost = code;
  }

  answered(operation: 'read' | 'write', milliseconds: number): void {
    this.#observer?.answered(operation, milliseconds);
  }
}
