/** Stable codes of a store that cannot do its work; `docs/errors.md` explains each. */
export const storeErrorCodes = [
  'STORE_UNAVAILABLE',
  'STORE_IN_USE',
  'STORE_CORRUPT',
  'STORE_FULL',
  'STORE_NEWER_VERSION',
  'STORE_BUSY',
  'STORE_CLOSED',
  'STORE_QUERY_FAILED',
] as const;
export type StoreErrorCode = (typeof storeErrorCodes)[number];

/**
 * The store is lost, full, closed or overloaded. Thrown by every repository method, because no caller of a single
 * query can do anything about it; who answers requests catches it at the border.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly code: StoreErrorCode,
    /** What happened and what to do, for people. */
    message: string,
  ) {
    super(message);
  }
}
