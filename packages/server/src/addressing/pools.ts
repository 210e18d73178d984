import { exactly, parseAddress, type IpAddress, type Prefix } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import { gatewayAddress } from '../config/poolPrefix.js';
import type { LeaseKey, LeaseRecord, LeasesOfServer } from '../store/leases.js';
import { StoreError } from '../store/storeError.js';
import { lastUsedAt, type Holding } from './holding.js';
import { FamilyPool, inOrderOfRelease } from './familyPool.js';
import type { Family, FamilyUsage, Lease, LeaseOutcome, LeaseRequest } from './lease.js';
import { LeaseJournal } from './leaseJournal.js';

export interface PoolsOptions {
  readonly ipv4: readonly Prefix[];
  readonly ipv6: readonly Prefix[];
  readonly quarantineMs: number;
  readonly store: LeasesOfServer;
  readonly logger: Logger;
  /** UTC milliseconds: leases that a crash left open enter quarantine from here. */
  readonly now: number;
}

/** Loads the leases of the last run. Throws `StoreError` when they cannot be read. */
export async function openPools(options: PoolsOptions): Promise<Pools> {
  const pools = new Pools(options);
  pools.restore(await options.store.load(), options.now, await options.store.elsewhere());
  return pools;
}

/** How often a request tries another address because a server that shares the database had the one before. */
const MAX_TRIES = 64;

const noAddresses: FamilyUsage = { total: 0, used: 0, quarantined: 0, available: 0 };

/** The addresses clients can get, who has them, and who had them last. */
export class Pools implements AsyncDisposable {
  readonly #prefixes: Readonly<Record<Family, readonly Prefix[]>>;
  readonly #pools = new Map<Family, FamilyPool>();
  readonly #journal: LeaseJournal;
  readonly #logger: Logger;
  /** The latest time anybody told. */
  #now = 0;

  /** Knows nothing of the last run; see {@link openPools}. */
  constructor(options: Omit<PoolsOptions, 'now'>) {
    this.#prefixes = { 4: options.ipv4, 6: options.ipv6 };
    this.#journal = new LeaseJournal(options.store, (key) => this.#yield(key));
    this.#logger = options.logger;
    for (const family of [4, 6] as const) {
      const prefixes = this.#prefixes[family];
      if (prefixes.length > 0) {
        this.#pools.set(family, new FamilyPool(prefixes, options.quarantineMs, this.#journal));
      }
    }
  }

  /**
   * Takes over the leases of the last run; once, before any other call.
   *
   * @param elsewhere what is in use on other servers
   */
  restore(records: readonly LeaseRecord[], now: number, elsewhere: readonly LeaseKey[] = []): void {
    this.#now = now;
    for (const key of elsewhere) this.#yield(key);
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

  /** Keeps these addresses for a client and gives back what was kept for it before; those of no pool are ignored. */
  reserve(clientUuid: string, addresses: readonly IpAddress[]): void {
    for (const [family, pool] of this.#pools) {
      const address = addresses.find((candidate) => candidate.family === family);
      if (address === undefined) pool.unreserve(clientUuid);
      else pool.reserve(address, clientUuid);
    }
  }

  /** For whom an address is kept; null: nobody. */
  keptFor(address: IpAddress): string | null {
    return this.#pools.get(address.family)?.keptFor(address) ?? null;
  }

  /** Whether clients can have this address: in a pool, and not the server's own. */
  isForClients(address: IpAddress): boolean {
    return this.#pools.get(address.family)?.isUsable(address) ?? false;
  }

  /** Who has an address now, or had it a moment ago and still may come back to it; null: nobody. */
  occupantOf(address: IpAddress): string | null {
    return this.#pools.get(address.family)?.occupantOf(address) ?? null;
  }

  /**
   * What is kept for the client if no other session of it has that, what the same client and instance had last, if
   * free, else a free address; one of each family or none. Taken in the same tick; the promise settles when the
   * leases are stored, so that a restart remembers what was promised.
   */
  async lease(request: LeaseRequest): Promise<LeaseOutcome> {
    const { clientUuid, now } = request;
    this.expire(now);
    const wanted: { readonly family: Family; readonly pool: FamilyPool }[] = [];
    for (const family of new Set(request.families)) {
      const pool = this.#pools.get(family);
      if (pool === undefined) return { ok: false, reason: 'noPool', family };
      if (!pool.canTake(clientUuid)) return { ok: false, reason: 'exhausted', family };
      wanted.push({ family, pool });
    }
    for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
      const leases = this.#take(wanted, request);
      const [missing] = wanted.filter(({ family }) => !leases.some((lease) => lease.family === family));
      let error: StoreError | null = null;
      try {
        await this.#journal.written();
      } catch (thrown) {
        if (!(thrown instanceof StoreError)) throw thrown;
        error = thrown;
      }
      const kept = leases.filter((lease) => this.#pools.get(lease.family)?.holds(lease) === true);
      if (error === null && kept.length === wanted.length) return { ok: true, leases: exactly(leases) };
      for (const lease of kept) this.#pools.get(lease.family)?.release(lease, now);
      if (error !== null) return { ok: false, reason: 'store', error };
      if (missing !== undefined) {
        this.#writeBehind();
        return { ok: false, reason: 'exhausted', family: missing.family };
      }
      // Another server that shares the database had one of them: that one is not asked for again.
    }
    this.#writeBehind();
    return { ok: false, reason: 'exhausted', family: request.families[0] ?? 4 };
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
    this.#now = now;
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

  /** Stores what could not be stored before, as far as the store can now. */
  async retry(): Promise<void> {
    await this.#journal.written().catch((error: unknown) => this.#logUnwritten(error));
  }

  /** Stores what is pending, as far as the store can. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.retry();
  }

  #take(
    wanted: readonly { readonly family: Family; readonly pool: FamilyPool }[],
    { clientUuid, instance, preferred, now }: LeaseRequest,
  ): readonly Lease[] {
    return wanted.flatMap(({ family, pool }) => {
      const asked = preferred?.find((address) => address.family === family) ?? null;
      return pool.take({ clientUuid, instance, preferred: asked, now }) ?? [];
    });
  }

  /** Another server that shares the database has this address. */
  #yield({ family, address }: LeaseKey): void {
    const parsed = parseAddress(address);
    if (!parsed.ok) return;
    this.#logger.debug({ address }, 'the address is in use on another server');
    this.#pools.get(family)?.yield(parsed.value, this.#now);
  }

  #writeBehind(): void {
    this.#journal.written().catch((error: unknown) => this.#logUnwritten(error));
  }

  #logUnwritten(error: unknown): void {
    this.#logger.warn({ err: error }, 'leases could not be stored; trying again soon');
  }
}
