import type { IpAddress, Prefix } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { LeaseKey, LeaseRecord } from '../store/leases.js';
import type { Family, FamilyUsage, Lease, LeaseOutcome, LeaseRequest } from './lease.js';

/** Where leases survive a restart: the store's `leases`. */
export interface LeaseStore {
  load(): Promise<readonly LeaseRecord[]>;
  apply(change: {
    readonly put: readonly LeaseRecord[];
    readonly remove: readonly LeaseKey[];
  }): Promise<void>;
}

export interface PoolsOptions {
  readonly ipv4: readonly Prefix[];
  readonly ipv6: readonly Prefix[];
  readonly quarantineMs: number;
  readonly store: LeaseStore;
  readonly logger: Logger;
  /** UTC milliseconds: leases that a crash left open enter quarantine from here. */
  readonly now: number;
}

/** The addresses clients can get, who has them, and who had them last. */
export interface Pools extends AsyncDisposable {
  /** The server's own tunnel address of a family: first usable of its first pool; null without a pool. */
  gateway(family: Family): IpAddress | null;
  /** Families that have a pool. */
  readonly families: readonly Family[];
  /**
   * Sticky: what the same client and instance had last, if free, else a free one. Taken at once, in the same tick;
   * the promise settles when the leases are stored.
   */
  lease(request: LeaseRequest): Promise<LeaseOutcome>;
  /** Puts the address in quarantine, at once; stored soon after. A lease that was released already is ignored. */
  release(lease: Lease, now: number): void;
  usage(): { readonly ipv4: FamilyUsage; readonly ipv6: FamilyUsage };
  /** Frees what left quarantine; returns it. Every `lease` does so too. */
  expire(now: number): readonly IpAddress[];
  /** UTC milliseconds at which `expire` next has something to do; null: nothing is in quarantine. */
  nextExpiry(): number | null;
  /** Waits until every release is stored. */
  flush(): Promise<void>;
}

/** Loads the leases of the last run. Throws `StoreError` when they cannot be read. */
export function openPools(options: PoolsOptions): Promise<Pools> {
  return Promise.reject(new Error(`not built yet: ${options.quarantineMs}`));
}
