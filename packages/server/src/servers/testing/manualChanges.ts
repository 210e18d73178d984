import type { Change, Changes } from '../../store/changes.js';

/** News of other servers that a test makes up. */
export class ManualChanges implements Changes {
  readonly #listeners = new Set<(change: Change) => void>();

  publish(): Promise<void> {
    return Promise.resolve();
  }

  subscribe(listener: (change: Change) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Another server says so. */
  hear(...changes: readonly Change[]): void {
    for (const change of changes) for (const listener of this.#listeners) listener(change);
  }
}
