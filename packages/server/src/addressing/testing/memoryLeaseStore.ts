import type { LeaseKey, LeaseRecord } from '../../store/leases.js';
import { StoreError } from '../../store/storeError.js';
import type { LeaseStore } from '../leaseJournal.js';

/** Leases in memory, with commits that tests can hold back or fail. */
export class MemoryLeaseStore implements LeaseStore {
  readonly records = new Map<string, LeaseRecord>();
  /** How many transactions were committed. */
  commits = 0;
  /** Whether commits fail as on a full disk. */
  full = false;
  #gate: Promise<void> = Promise.resolve();

  async load(): Promise<readonly LeaseRecord[]> {
    return [...this.records.values()];
  }

  async apply(change: {
    readonly put: readonly LeaseRecord[];
    readonly remove: readonly LeaseKey[];
  }): Promise<void> {
    await this.#gate;
    if (this.full) throw new StoreError('STORE_FULL', 'no space left');
    for (const { family, address } of change.remove) this.records.delete(`${family} ${address}`);
    for (const record of change.put) this.records.set(`${record.family} ${record.address}`, record);
    this.commits += 1;
  }

  /** Holds commits back until the returned function is called. */
  hold(): () => void {
    let proceed = (): void => undefined;
    this.#gate = new Promise((resolve) => {
      proceed = resolve;
    });
    return () => proceed();
  }
}
