import type { Logger } from 'pino';
import type { QueryObserver } from './sqliteDialect.js';
import type { StoreError } from './storeError.js';
import type { StoreObserver } from './storeObserver.js';

/** Whether the database does its work, as far as the last queries told; says in the log when that changes. */
export class StoreHealth implements QueryObserver {
  readonly #logger: Logger;
  readonly #observer: StoreObserver | undefined;
  #available = true;

  constructor(options: { readonly logger: Logger; readonly observer?: StoreObserver }) {
    this.#logger = options.logger;
    this.#observer = options.observer;
  }

  /** False while the disk is full, or the database out of reach. */
  get available(): boolean {
    return this.#available;
  }

  wrote(): void {
    if (!this.#available) this.#logger.info('the database takes writes again');
    this.#available = true;
  }

  failed(error: StoreError): void {
    this.#observer?.failed();
    const lost =
      error.code === 'STORE_FULL' || error.code === 'STORE_UNAVAILABLE' || error.code === 'STORE_CORRUPT';
    if (lost && this.#available) this.#logger.error({ code: error.code }, error.message);
    if (lost) this.#available = false;
  }

  answered(operation: 'read' | 'write', milliseconds: number): void {
    this.#observer?.answered(operation, milliseconds);
  }
}
