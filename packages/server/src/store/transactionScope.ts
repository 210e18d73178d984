import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Finds the mistake of using the store inside of one of its transactions instead of the repositories given there: on
 * SQLite it would wait for itself forever, on PostgreSQL it would not be part of the transaction.
 */
export class TransactionScope {
  readonly #storage = new AsyncLocalStorage<{ open: boolean }>();

  /** Runs the work of a transaction. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const transaction = { open: true };
    try {
      return await this.#storage.run(transaction, work);
    } finally {
      transaction.open = false;
    }
  }

  /** Throws, because it is a bug, when the caller is the work of a transaction. */
  assertOutside(): void {
    if (this.#storage.getStore()?.open !== true) return;
    throw new Error('inside of a transaction the store itself is used: use the repositories it was given');
  }
}
