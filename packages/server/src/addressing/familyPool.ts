import type { IpAddress, Prefix } from '@masque-vpn/protocol';
import { formatAddress } from '@masque-vpn/protocol';
import type { LeaseKey, LeaseRecord } from '../store/leases.js';
import { Elsewhere } from './elsewhere.js';
import { HoldingIndex, toRecord, type Holding, type Tenure } from './holding.js';
import type { FamilyUsage, Lease } from './lease.js';
import { OldestFirst } from './oldestFirst.js';
import { Probe } from './probe.js';
import { Reservations } from './reservations.js';
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
  readonly #elsewhere = new Elsewhere();
  readonly #reservations = new Reservations();
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

  /** Another server has this address: here it is nobody's for a while, not even if it was leased just now. */
  yield(address: IpAddress, now: number): void {
    if (!this.#usable.contains(address)) return;
    const holding = this.#holdings.get(address.value);
    if (holding?.tenure.state === 'leased') this.#leased -= 1;
    if (holding !== undefined) this.#drop(holding);
    this.#elsewhere.add(address, now);
  }

  /** Whether the lease is in force. */
  holds(lease: Lease): boolean {
    const tenure = this.#holdings.get(lease.address.value)?.tenure;
    return tenure?.state === 'leased' && tenure.lease === lease;
  }

  isUsable(address: IpAddress): boolean {
    return this.#usable.contains(address);
  }

  /** Whose lease or quarantine an address is in. */
  occupantOf(address: IpAddress): string | null {
    const holding = this.#holdings.get(address.value);
    return holding === undefined || holding.tenure.state === 'free' ? null : holding.clientUuid;
  }

  /**
   * Keeps an address for one client; false when no client can have it. What somebody else holds now stays theirs
   * until released.
   */
  reserve(address: IpAddress, clientUuid: string): boolean {
    if (!this.#usable.contains(address)) return false;
    this.unreserve(clientUuid);
    this.#reservations.keep(address, clientUuid);
    this.#settleIfFree(address);
    return true;
  }

  keptFor(address: IpAddress): string | null {
    return this.#reservations.ownerOf(address.value);
  }

  /** Gives back what was kept for a client. */
  unreserve(clientUuid: string): void {
    const address = this.#reservations.giveBack(clientUuid);
    if (address !== null) this.#settleIfFree(address);
  }

  /** Whether `take` would find an address for this client. */
  canTake(clientUuid: string): boolean {
    return this.#hasFree || this.#fixed(clientUuid) !== null || this.#ownQuarantined(clientUuid) !== null;
  }

  /** The one kept for it, the one asked for, the sticky one, a fresh one, the longest unused one; null: exhausted. */
  take(taker: Taker): Lease | null {
    const address =
      this.#fixed(taker.clientUuid) ??
      this.#preferred(taker) ??
      this.#sticky(taker) ??
      this.#nextFree() ??
      this.#ownQuarantined(taker.clientUuid);
    return address === null ? null : this.#lease(address, taker);
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
    this.#elsewhere.expire(now);
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
    return BigInt(this.#leased + this.#quarantined.size + this.#elsewhere.size);
  }

  #restoredTenure(record: LeaseRecord, now: number): Tenure {
    const releasedAt = record.releasedAt ?? now;
    const asStored = record.releasedAt === null ? now + this.#quarantineMs : (record.quarantinedUntil ?? now);
    // Neither a clock that was ahead nor a longer quarantine of the last run may bind an address for years.
    const until = Math.min(asStored, now + this.#quarantineMs);
    return until > now ? { state: 'quarantined', releasedAt, until } : { state: 'free', releasedAt };
  }

  /** Whether there is an address for anybody: neither occupied nor kept for one client. */
  get #hasFree(): boolean {
    const { total } = this.#usable;
    const occupied = this.#occupied;
    if (occupied + BigInt(this.#reservations.size) < total) return true;
    let idle = 0n;
    for (const value of this.#reservations.addresses()) if (!this.#isOccupied(value)) idle += 1n;
    return occupied + idle < total;
  }

  /** Whether there is anything to know about an address: then it is not fresh. */
  #isKnown(value: bigint): boolean {
    return (
      this.#holdings.has(value) || this.#elsewhere.has(value) || this.#reservations.ownerOf(value) !== null
    );
  }

  #isOccupied(value: bigint): boolean {
    if (this.#elsewhere.has(value)) return true;
    const state = this.#holdings.get(value)?.tenure.state;
    return state === 'leased' || state === 'quarantined';
  }

  /** The address that is kept for the client, unless another session has it. */
  #fixed(clientUuid: string): IpAddress | null {
    const address = this.#reservations.of(clientUuid);
    if (address === null) return null;
    const holding = this.#holdings.get(address.value);
    const isOwnAgain = holding?.clientUuid === clientUuid && holding.tenure.state !== 'leased';
    if (this.#elsewhere.has(address.value)) return null;
    return isOwnAgain || !this.#isOccupied(address.value) ? address : null;
  }

  #sticky({ clientUuid, instance }: Taker): IpAddress | null {
    const address = this.#index.sticky(clientUuid, instance)?.address ?? null;
    return address !== null && this.#reservations.isFor(address.value, clientUuid) ? address : null;
  }

  #ownQuarantined(clientUuid: string): IpAddress | null {
    const own = this.#index.quarantined(clientUuid)?.address ?? null;
    if (own === null || this.#reservations.isFor(own.value, clientUuid)) return own;
    const other = this.#index
      .ofClient(clientUuid)
      .find(
        ({ address, tenure }) =>
          tenure.state === 'quarantined' && this.#reservations.isFor(address.value, clientUuid),
      );
    return other?.address ?? null;
  }

  /** CIP-712. Somebody else's sticky address is not given away on request. */
  #preferred(taker: Taker): IpAddress | null {
    const { preferred } = taker;
    if (preferred === null || !this.#usable.contains(preferred)) return null;
    if (!this.#reservations.isFor(preferred.value, taker.clientUuid)) return null;
    if (this.#elsewhere.has(preferred.value)) return null;
    const holding = this.#holdings.get(preferred.value);
    if (holding === undefined) return preferred;
    return holding.clientUuid === taker.clientUuid && holding.tenure.state !== 'leased' ? preferred : null;
  }

  #nextFree(): IpAddress | null {
    if (!this.#hasFree) return null;
    for (;;) {
      while (!this.#probe.roundComplete) {
        const address = this.#usable.at(this.#probe.next());
        if (!this.#isKnown(address.value)) return address;
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
        this.#settleFree(holding);
        break;
    }
  }

  /** After a change of whom an address is kept for. */
  #settleIfFree(address: IpAddress): void {
    const holding = this.#holdings.get(address.value);
    if (holding?.tenure.state === 'free') this.#settle(holding);
  }

  /** What is kept for one client is nobody else's, and not forgotten for theirs. */
  #settleFree(holding: Holding): void {
    const owner = this.#reservations.ownerOf(holding.address.value);
    if (owner === null) {
      this.#free.add(holding);
      this.#forgetBeyondLimit();
    } else if (owner === holding.clientUuid) {
      this.#free.delete(holding);
    } else {
      this.#drop(holding);
      this.#journal.remove({ family: holding.address.family, address: formatAddress(holding.address) });
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

  /** Takes a holding out of everything but the store. */
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
