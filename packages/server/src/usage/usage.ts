import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../process/clock.js';
import type { Store } from '../store/store.js';
import type { UsageBatch } from '../store/usage.js';
import { dayOf, monthOf, UsageAccount, type SessionCounters, type UsageOwner } from './account.js';
import { MonthTotals } from './monthTotals.js';

/** One open session and its counters. */
export interface MeasuredSession extends UsageOwner {
  readonly sessionUuid: string;
  readonly counters: SessionCounters;
}

export interface UsageOptions {
  readonly store: Pick<Store, 'atomically' | 'usage'>;
  /** Reads the engine; open sessions with their counters. */
  readonly measure: () => readonly MeasuredSession[];
  /** Whether anybody has a quota: then it is measured more often. */
  readonly hasQuotas: () => boolean;
  /** A client's monthly quota in bytes; null: none. */
  readonly quotaOf: (clientUuid: string) => number | null;
  /** A client with open sessions has used its quota up. */
  readonly onExceeded: (clientUuid: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Additions that are being stored, and what of them is this month's. */
interface Flight {
  readonly batch: UsageBatch;
  readonly month: string;
  readonly fresh: ReadonlyMap<string, number>;
}

/**
 * What clients have sent and received, day by day, and who has used up the quota of the month. Counted once a byte
 * was seen in the engine's counters, stored with `flush`; a batch whose fate is unknown is tried again unchanged, so
 * that nothing is counted twice. A crash loses what was counted since the last flush.
 */
export class Usage {
  readonly #options: UsageOptions;
  readonly #account = new UsageAccount();
  readonly #totals = new MonthTotals();
  readonly #writer = randomUUID();
  #flight: Flight | null = null;
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: UsageOptions) {
    this.#options = options;
  }

  /** What the store has of the current month, by client. */
  learn(bytesOfMonth: ReadonlyMap<string, number>): void {
    this.#totals.learn(this.#begin(), bytesOfMonth);
  }

  /** Bytes of this month so far, both directions. */
  monthBytes(clientUuid: string): number {
    this.#begin();
    return this.#totals.of(clientUuid);
  }

  /** Whether the client has used up what it may this month. */
  isExceeded(clientUuid: string): boolean {
    const quota = this.#options.quotaOf(clientUuid);
    return quota !== null && this.monthBytes(clientUuid) >= quota;
  }

  /** To be called every second: measures then where there are quotas, otherwise before each flush only. */
  watch(): void {
    if (this.#options.hasQuotas()) this.measure();
  }

  /** Counts what open sessions have moved since the last time, and ends those whose quota is used up. */
  measure(): void {
    this.#begin();
    const measured = this.#options.measure();
    for (const session of measured) this.#count(session);
    for (const clientUuid of new Set(measured.map((session) => session.clientUuid))) {
      if (this.isExceeded(clientUuid)) this.#options.onExceeded(clientUuid);
    }
  }

  /** A session is over; these are its last counters. */
  ended(session: MeasuredSession): void {
    this.#begin();
    this.#count(session);
    this.#account.settle(session.sessionUuid);
  }

  /** Stores what was counted. Throws `StoreError`; then it is tried again with the next flush. */
  flush(): Promise<void> {
    const flushed = this.#flushing.then(() => this.#flush());
    this.#flushing = flushed.catch(() => undefined);
    return flushed;
  }

  /** Stores the rest, as far as the store can. */
  async close(): Promise<void> {
    try {
      await this.flush();
      await this.#options.store.usage.forgetWriter(this.#writer);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'the last usage could not be stored');
    }
  }

  async #flush(): Promise<void> {
    const { store } = this.#options;
    this.#flight ??= this.#depart();
    if (this.#flight === null) return;
    const { batch, month, fresh } = this.#flight;
    await store.atomically((repositories) => repositories.usage.add(batch));
    this.#flight = null;
    this.#totals.settle(month, fresh);
    const limited = batch.additions
      .map(({ clientUuid }) => clientUuid)
      .filter((clientUuid) => this.#options.quotaOf(clientUuid) !== null);
    if (limited.length === 0) return;
    this.#totals.learn(month, await store.usage.bytesOfMonth(month, limited));
  }

  #depart(): Flight | null {
    const additions = this.#account.take();
    if (additions.length === 0) return null;
    const batch = { writer: this.#writer, id: randomUUID(), additions };
    return { batch, month: this.#totals.month, fresh: this.#totals.fresh() };
  }

  #count({ sessionUuid, clientUuid, clientSlug, counters }: MeasuredSession): void {
    const day = dayOf(this.#options.clock.now());
    const bytes = this.#account.count(sessionUuid, { clientUuid, clientSlug }, counters, day);
    this.#totals.add(clientUuid, bytes);
  }

  #begin(): string {
    const month = monthOf(this.#options.clock.now());
    this.#totals.begin(month);
    return month;
  }
}
