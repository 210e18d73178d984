import type { StoreError } from './storeError.js';

/** Hears how queries went. */
export interface QueryObserver {
  /** A write was committed. */
  wrote(): void;
  failed(error: StoreError): void;
  /** A statement was answered, after waiting for its turn. */
  answered(operation: 'read' | 'write', milliseconds: number): void;
}

/** Of queries nobody needs to hear of: they tell who runs them. */
export const silentObserver: QueryObserver = {
  wrote: () => undefined,
  failed: () => undefined,
  answered: () => undefined,
};
