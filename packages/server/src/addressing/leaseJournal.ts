import type { LeaseKey, LeaseRecord, LeasesOfServer } from '../store/leases.js';

/**
 * Writes leases behind the pools in one transaction at a time: while one commits, the next collects, so that a
 * thousand leases cost a few commits. Holds at most one change per address.
 */
export class LeaseJournal {
  readonly #store: Pick<LeasesOfServer, 'apply'>;
  readonly #onRefused: (key: LeaseKey) => void;
  #pending = new Map<string, LeaseRecord | LeaseKey>();
  /** The transaction that is committing. */
  #committing: Promise<void> | null = null;
  /** The one that will take what is pending. */
  #next: Promise<void> | null = null;

  /** @param onRefused hears of addresses that another server keeps, before `written` settles */
  constructor(store: Pick<LeasesOfServer, 'apply'>, onRefused: (key: LeaseKey) => void) {
    this.#store = store;
    this.#onRefused = onRefused;
  }

  put(record: LeaseRecord): void {
    this.#pending.set(keyText(record), record);
  }

  remove(key: LeaseKey): void {
    this.#pending.set(keyText(key), { family: key.family, address: key.address });
  }

  /**
   * Settles when everything handed over so far is stored. Rejects with the store's error; what could not be
   * stored stays pending and goes with the next attempt.
   */
  written(): Promise<void> {
    if (this.#pending.size === 0) return this.#next ?? this.#committing ?? Promise.resolve();
    this.#next ??= this.#commitNext(this.#committing);
    return this.#next;
  }

  async #commitNext(previous: Promise<void> | null): Promise<void> {
    // Its failure is told to those who waited for it. Without a previous one this still waits for the tick's end,
    // so that changes made together are stored together.
    await previous?.catch(() => undefined);
    const batch = this.#pending;
    this.#pending = new Map();
    this.#committing = this.#next;
    this.#next = null;
    try {
      const changes = [...batch.values()];
      const refused = await this.#store.apply({
        put: changes.filter(isRecord),
        remove: changes.filter((change) => !isRecord(change)),
      });
      for (const key of refused) this.#onRefused(key);
    } catch (error) {
      // What changed again meanwhile is newer.
      this.#pending = new Map([...batch, ...this.#pending]);
      throw error;
    } finally {
      this.#committing = null;
    }
  }
}

function isRecord(change: LeaseRecord | LeaseKey): change is LeaseRecord {
  return 'clientUuid' in change;
}

function keyText(key: LeaseKey): string {
  return `${key.family} ${key.address}`;
}
