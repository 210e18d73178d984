import type { IpAddress, Prefix } from '@masque-vpn/protocol';
import { formatAddress } from '@masque-vpn/protocol';
import type { LeaseKey, LeaseRecord } from '../store/leases.js';
import { HoldingIndex, toRecord, type Holding, type Tenure } from './holding.js';
import type { FamilyUsage, Lease } from './lease.js';
import { OldestFirst } from './oldestFirst.js';
import { Probe } from './probe.js';
import { UsableAddresses } from './usableAddresses.js';

/** Free addresses remembered for their previous holders; beyond it the longest unused is forgotten. */
const MAX_REMEMBERED = 131_072;

/** Hears of every change that a restart must remember. */
export interface HoldingJournal {
  put(record: LeaseRecord): void;
  remove(key: LeaseKey): void;
}

/** Whom an address is taken for. */
export interface Taker {
  readonly clientUuid: string;
  readonly instance: string;
  readonly preferred: IpAddress | null;
  readonly now: number;
}

/**
 * The addresses of one family. Memory grows with the addresses that were used, never with the prefix; every
 * operation but the last resort of an exhausted pool is O(1), amortised.
 */
export class FamilyPool {
  readonly #usable: UsableAddresses;
  readonly #probe: Probe;
  readonly #quarantineMs: number;
  readonly #journal: HoldingJournal;
  readonly #holdings = new Map<bigint, Holding>();
  readonly #index = new HoldingIndex();
  readonly #quarantined = new OldestFirst<Holding>();
  readonly #free = new OldestFirst<Holding>();
  readonly #maxRemembered: number;
  #leased = 0;

  constructor(
    pools: readonly Prefix[],
    quarantineMs: number,
    journal: HoldingJournal,
    maxRemembered = MAX_REMEMBERED,
  ) {
    this.#usable = new UsableAddresses(pools);
    this.#probe = new Probe(this.#usable.total);
    this.#quarantineMs = quarantineMs;
    this.#journal = journal;
    this.#maxRemembered = maxRemembered;
  }

  /** Takes over a record of the last run. One that is in use still was cut off by a crash: quarantine from now. */
  restore(record: LeaseRecord, address: IpAddress, now: number): void {
    if (!this.#usable.contains(address) || this.#holdings.has(address.value)) {
      this.#journal.remove(record);
      return;
    }
    const { clientUuid, instance } = record;
    this.#hold({ address, clientUuid, instance, tenure: this.#restoredTenure(record, now) });
  }

  /** Whether `take` would find an address for this client. */
  canTake(clientUuid: string): boolean {
    return this.#occupied < this.#usable.total || this.#index.quarantined(clientUuid) !== null;
  }

  /** The address asked for, the sticky one, a fresh one, the longest unused one; null: exhausted. */
  take(taker: Taker): Lease | null {
    const address =
      this.#preferred(taker) ??
      this.#index.sticky(taker.clientUuid, taker.instance)?.address ??
      this.#nextFree() ??
      this.#index.quarantined(taker.clientUuid)?.address;
    return address === undefined ? null : this.#lease(address, taker);
  }

  /** Puts a leased address in quarantine; false for a lease that has ended already. */
  release(lease: Lease, now: number): boolean {
    const holding = this.#holdings.get(lease.address.value);
    if (holding?.tenure.state !== 'leased' || holding.tenure.lease !== lease) return false;
    this.#leased -= 1;
    const until = now + this.#quarantineMs;
    holding.tenure =
      until > now ? { state: 'quarantined', releasedAt: now, until } : { state: 'free', releasedAt: now };
    this.#settle(holding);
    this.#journal.put(toRecord(holding));
    return true;
  }

  /** Ends the quarantines that are over. */
  expire(now: number): IpAddress[] {
    const freed: IpAddress[] = [];
    for (;;) {
      const holding = this.#quarantined.oldest();
      if (holding?.tenure.state !== 'quarantined' || holding.tenure.until > now) return freed;
      this.#quarantined.delete(holding);
      holding.tenure = { state: 'free', releasedAt: holding.tenure.releasedAt };
      this.#settle(holding);
      freed.push(holding.address);
    }
  }

  /** UTC milliseconds of the next end of a quarantine; null: none. */
  nextExpiry(): number | null {
    const tenure = this.#quarantined.oldest()?.tenure;
    return tenure?.state === 'quarantined' ? tenure.until : null;
  }

  /** Who has which address, or had it last, in no order. */
  holdings(): Iterable<Readonly<Holding>> {
    return this.#holdings.values();
  }

  holdingsOf(clientUuid: string): readonly Readonly<Holding>[] {
    return this.#index.ofClient(clientUuid);
  }

  /** Ends an address's quarantine; false when it was in none. */
  endQuarantine(address: IpAddress): boolean {
    const holding = this.#holdings.get(address.value);
    if (holding?.tenure.state !== 'quarantined') return false;
    this.#quarantined.delete(holding);
    holding.tenure = { state: 'free', releasedAt: holding.tenure.releasedAt };
    this.#settle(holding);
    this.#journal.put(toRecord(holding));
    return true;
  }

  usage(): FamilyUsage {
    return {
      total: Number(this.#usable.total),
      used: Number(this.#occupied),
      quarantined: this.#quarantined.size,
      available: Number(this.#usable.total - this.#occupied),
    };
  }

  get #occupied(): bigint {
    return BigInt(this.#leased + this.#quarantined.size);
  }

  #restoredTenure(record: LeaseRecord, now: number): Tenure {
    const releasedAt = record.releasedAt ?? now;
    const asStored = record.releasedAt === null ? now + this.#quarantineMs : (record.quarantinedUntil ?? now);
    // Neither a clock that was ahead nor a longer quarantine of the last run may bind an address for years.
    const until = Math.min(asStored, now + this.#quarantineMs);
    return until > now ? { state: 'quarantined', releasedAt, until } : { state: 'free', releasedAt };
  }

  /** CIP-712. Somebody else's sticky address is not given away on request. */
  #preferred(taker: Taker): IpAddress | null {
    const { preferred } = taker;
    if (preferred === null || !this.#usable.contains(preferred)) return null;
    const holding = this.#holdings.get(preferred.value);
    if (holding === undefined) return preferred;
    return holding.clientUuid === taker.clientUuid && holding.tenure.state !== 'leased' ? preferred : null;
  }

  #nextFree(): IpAddress | null {
    if (this.#occupied >= this.#usable.total) return null;
    for (;;) {
      while (!this.#probe.roundComplete) {
        const address = this.#usable.at(this.#probe.next());
        if (!this.#holdings.has(address.value)) return address;
      }
      const longestUnused = this.#free.oldest();
      if (longestUnused !== undefined) return longestUnused.address;
      // Some address is free and was forgotten: another round finds it.
      this.#probe.restart();
    }
  }

  #lease(address: IpAddress, taker: Taker): Lease {
    const previous = this.#holdings.get(address.value);
    if (previous !== undefined) this.#drop(previous);
    const { clientUuid, instance, now } = taker;
    const lease: Lease = Object.freeze({ family: address.family, address, clientUuid, instance });
    const holding: Holding = {
      address,
      clientUuid,
      instance,
      tenure: { state: 'leased', lease, since: now },
    };
    this.#hold(holding);
    this.#journal.put(toRecord(holding));
    return lease;
  }

  #hold(holding: Holding): void {
    this.#holdings.set(holding.address.value, holding);
    this.#index.add(holding);
    this.#settle(holding);
  }

  /** Files a holding under its tenure, after it was taken out of the tenure before. */
  #settle(holding: Holding): void {
    switch (holding.tenure.state) {
      case 'leased':
        this.#leased += 1;
        break;
      case 'quarantined':
        this.#quarantined.add(holding);
        break;
      case 'free':
        this.#free.add(holding);
        this.#forgetBeyondLimit();
        break;
    }
  }

  #forgetBeyondLimit(): void {
    if (this.#free.size <= this.#maxRemembered) return;
    const longestUnused = this.#free.oldest();
    if (longestUnused === undefined) return;
    this.#drop(longestUnused);
    this.#journal.remove({
      family: longestUnused.address.family,
      address: formatAddress(longestUnused.address),
    });
  }

  /** Takes an unleased holding out of everything but the store. */
  #drop(holding: Holding): void {
    this.#holdings.delete(holding.address.value);
    this.#index.delete(holding);
    this.#quarantined.delete(holding);
    this.#free.delete(holding);
  }
}

/** Records in the order in which their quarantine ends or they were freed, as the pool wants to restore them. */
export function inOrderOfRelease(records: readonly LeaseRecord[]): LeaseRecord[] {
  const rank = (record: LeaseRecord): number =>
    record.releasedAt === null ? Number.MAX_SAFE_INTEGER : (record.quarantinedUntil ?? record.releasedAt);
  return records.toSorted((a, b) => rank(a) - rank(b) || a.lastUsedAt - b.lastUsedAt);
}
