import type { Store } from '../store/store.js';

/** Fingerprints of the client certificates of other authorities that TLS lets in. */
export class ImportedCertificates {
  readonly #store: Pick<Store, 'certificates'>;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #sha256: ReadonlySet<string> = new Set();

  private constructor(store: Pick<Store, 'certificates'>, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Reads them from the store; throws `StoreError`. */
  static async load(
    store: Pick<Store, 'certificates'>,
    clock: { now(): number },
  ): Promise<ImportedCertificates> {
    const imported = new ImportedCertificates(store, () => Math.trunc(clock.now()));
    await imported.reload();
    return imported;
  }

  /** Lower-case hex. */
  get sha256(): readonly string[] {
    return [...this.#sha256];
  }

  has(sha256: string): boolean {
    return this.#sha256.has(sha256);
  }

  /** Calls back after every change until disposed. */
  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** After somebody imported or revoked one; throws `StoreError`. */
  async reload(pageSize = 500): Promise<void> {
    const found = new Set<string>();
    const query = { origin: 'imported', usableAt: this.#now(), limit: pageSize } as const;
    let page = await this.#store.certificates.list(query);
    for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
      for (const { sha256 } of page) found.add(sha256);
      page = await this.#store.certificates.list({ ...query, after: last.sha256 });
    }
    const same = found.size === this.#sha256.size && [...found].every((each) => this.#sha256.has(each));
    this.#sha256 = found;
    if (!same) for (const listener of this.#listeners) listener();
  }
}
