import type { LeaseChange, LeaseKey, LeaseRecord, LeasesOfServer } from '../../store/leases.js';
import { StoreError } from '../../store/storeError.js';

/** Leases in memory, with commits that tests can hold back or fail. */
export class MemoryLeaseStore implements LeasesOfServer {
  readonly records = new Map<string, LeaseRecord>();
  /** `4 10.0.0.2`: in use on other servers. */
  readonly onOtherServers = new Set<string>();
  /** How many transactions were committed. */
  commits = 0;
  /** Whether commits fail as on a full disk. */
  full = false;
  #gate: Promise<void> = Promise.resolve();

  async load(): Promise<readonly LeaseRecord[]> {
    return [...this.records.values()];
  }

  async elsewhere(): Promise<readonly LeaseKey[]> {
    return [...this.onOtherServers].map(keyOf);
  }

  async apply(change: LeaseChange): Promise<readonly LeaseKey[]> {
    await this.#gate;
    if (this.full) throw new StoreError('STORE_FULL', 'no space left');
    for (const { family, address } of change.remove) this.records.delete(`${family} ${address}`);
    const refused: LeaseKey[] = [];
    for (const record of change.put) {
      const key = `${record.family} ${record.address}`;
      if (this.onOtherServers.has(key)) refused.push(keyOf(key));
      else this.records.set(key, record);
    }
    this.commits += 1;
    return refused;
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

function keyOf(text: string): LeaseKey {
  const [family, address = ''] = text.split(' ');
  return { family: family === '4' ? 4 : 6, address };
}
