import { parseAddress, type IpAddress, type Prefix } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import { gatewayAddress } from '../config/poolPrefix.js';
import type { LeaseRecord } from '../store/leases.js';
import { StoreError } from '../store/storeError.js';
import { lastUsedAt, type Holding } from './holding.js';
import { FamilyPool, inOrderOfRelease } from './familyPool.js';
import type { Family, FamilyUsage, Lease, LeaseOutcome, LeaseRequest } from './lease.js';
import { LeaseJournal, type LeaseStore } from './leaseJournal.js';

export interface PoolsOptions {
  readonly ipv4: readonly Prefix[];
  readonly ipv6: readonly Prefix[];
  readonly quarantineMs: number;
  readonly store: LeaseStore;
  readonly logger: Logger;
  /** UTC milliseconds: leases that a crash left open enter quarantine from here. */
  readonly now: number;
}

/** Loads the leases of the last run. Throws `StoreError` when they cannot be read. */
export async function openPools(options: PoolsOptions): Promise<Pools> {
  const pools = new Pools(options);
  pools.restore(await options.store.load(), options.now);
  return pools;
}

const noAddresses: FamilyUsage = { total: 0, used: 0, quarantined: 0, available: 0 };

/** The addresses clients can get, who has them, and who had them last. */
export class Pools implements AsyncDisposable {
  readonly #prefixes: Readonly<Record<Family, readonly Prefix[]>>;
  readonly #pools = new Map<Family, FamilyPool>();
  readonly #journal: LeaseJournal;
  readonly #logger: Logger;

  /** Knows nothing of the last run; see {@link openPools}. */
  constructor(options: Omit<PoolsOptions, 'now'>) {
    this.#prefixes = { 4: options.ipv4, 6: options.ipv6 };
    this.#journal = new LeaseJournal(options.store);
    this.#logger = options.logger;
    for (const family of [4, 6] as const) {
      const prefixes = this.#prefixes[family];
      if (prefixes.length > 0) {
        this.#pools.set(family, new FamilyPool(prefixes, options.quarantineMs, this.#journal));
      }
    }
  }

  /** Takes over the leases of the last run; once, before any other call. */
  restore(records: readonly LeaseRecord[], now: number): void {
    for (const record of inOrderOfRelease(records)) {
      const address = parseAddress(record.address);
      const pool = this.#pools.get(record.family);
      if (pool !== undefined && address.ok) pool.restore(record, address.value, now);
      else this.#journal.remove(record);
    }
    this.#writeBehind();
  }

  /** The server's own tunnel address of a family: first usable of its first pool; null without a pool. */
  gateway(family: Family): IpAddress | null {
    return gatewayAddress(this.#prefixes[family]);
  }

  /** The prefixes that clients' addresses come from, IPv4 first. */
  get prefixes(): readonly Prefix[] {
    return [...this.#prefixes[4], ...this.#prefixes[6]];
  }

  /** Families that have a pool. */
  get families(): readonly Family[] {
    return [...this.#pools.keys()];
  }

  /**
   * What the same client and instance had last, if free, else a free address; one of each family or none. Taken in
   * the same tick; the promise settles when the leases are stored, so that a restart remembers what was promised.
   */
  async lease(request: LeaseRequest): Promise<LeaseOutcome> {
    const { clientUuid, instance, now } = request;
    this.expire(now);
    const wanted: { readonly family: Family; readonly pool: FamilyPool }[] = [];
    for (const family of new Set(request.families)) {
      const pool = this.#pools.get(family);
      if (pool === undefined) return { ok: false, reason: 'noPool', family };
      if (!pool.canTake(clientUuid)) return { ok: false, reason: 'exhausted', family };
      wanted.push({ family, pool });
    }
    const leases: Lease[] = [];
    for (const { family, pool } of wanted) {
      const preferred = request.preferred?.find((address) => address.family === family) ?? null;
      const lease = pool.take({ clientUuid, instance, preferred, now });
      if (lease !== null) leases.push(lease);
    }
    try {
      await this.#journal.written();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      for (const lease of leases) this.#pools.get(lease.family)?.release(lease, now);
      return { ok: false, reason: 'store', error };
    }
    return { ok: true, leases };
  }

  /** Puts the address in quarantine, at once; stored soon after. A lease that was released already is ignored. */
  release(lease: Lease, now: number): void {
    if (this.#pools.get(lease.family)?.release(lease, now) === true) this.#writeBehind();
  }

  /** Who has which address, or had it last, in no order. */
  *holdings(): Iterable<Readonly<Holding>> {
    for (const pool of this.#pools.values()) yield* pool.holdings();
  }

  /** What a client has or had last: IPv4 first, of each family the last used first. */
  holdingsOf(clientUuid: string): readonly Readonly<Holding>[] {
    return [...this.#pools.values()].flatMap((pool) =>
      [...pool.holdingsOf(clientUuid)].sort((a, b) => lastUsedAt(b) - lastUsedAt(a)),
    );
  }

  /** Ends an address's quarantine; false when it was in none. Stored soon after. */
  endQuarantine(address: IpAddress): boolean {
    const ended = this.#pools.get(address.family)?.endQuarantine(address) ?? false;
    if (ended) this.#writeBehind();
    return ended;
  }

  usage(): { readonly ipv4: FamilyUsage; readonly ipv6: FamilyUsage } {
    return {
      ipv4: this.#pools.get(4)?.usage() ?? noAddresses,
      ipv6: this.#pools.get(6)?.usage() ?? noAddresses,
    };
  }

  /** Frees what left quarantine; returns it. Every `lease` does so too. */
  expire(now: number): readonly IpAddress[] {
    return [...this.#pools.values()].flatMap((pool) => pool.expire(now));
  }

  /** UTC milliseconds at which `expire` next has something to do; null: nothing is in quarantine. */
  nextExpiry(): number | null {
    const times = [...this.#pools.values()].flatMap((pool) => pool.nextExpiry() ?? []);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Waits until every release is stored; rejects with `StoreError` if they cannot be. */
  flush(): Promise<void> {
    return this.#journal.written();
  }

  /** Stores what is pending, as far as the store can. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#journal.written().catch((error: unknown) => this.#logUnwritten(error));
  }

  #writeBehind(): void {
    this.#journal.written().catch((error: unknown) => this.#logUnwritten(error));
  }

  #logUnwritten(error: unknown): void {
    this.#logger.warn({ err: error }, 'leases could not be stored; trying again with the next change');
  }
}
