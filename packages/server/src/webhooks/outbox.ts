import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../process/clock.js';
import type { Store } from '../store/store.js';
import { uuidV7 } from '../store/uuid.js';
import type { NewDelivery } from '../store/webhooks.js';
import type { WebhookBook } from './book.js';
import type { WebhookEvent } from './event.js';

export interface OutboxOptions {
  readonly store: Pick<Store, 'webhooks'>;
  readonly book: WebhookBook;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something was put in line. */
  readonly onQueued: () => void;
}

/** Events that happen this close to each other are written together, milliseconds. */
const gatherMs = 50;

/** What may wait in memory for the store, and in the store for one webhook. */
const mostUnwritten = 10_000;
const mostPending = 50_000;

/** How long the counts of what waits are believed, milliseconds. */
const backlogAgeMs = 60_000;

/** Puts events in line for every webhook that is told of them: they survive a restart from the moment they are stored. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #pending = new Map<string, number>();
  #unwritten: NewDelivery[] = [];
  #writing: Promise<void> = Promise.resolve();
  #timer: Timer | null = null;
  #countedAt = Number.NEGATIVE_INFINITY;
  #dropped = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /**
   * Neither waits nor fails. An event with a `once` is put in line only once for each webhook, whichever server of
   * this database says it how often.
   */
  emit(event: WebhookEvent, data: Readonly<Record<string, unknown>>, once?: string): void {
    const { book, clock } = this.#options;
    const now = Math.trunc(clock.now());
    for (const { uuid: webhookUuid } of book.toldOf(event)) {
      if (this.#unwritten.length >= mostUnwritten || (this.#pending.get(webhookUuid) ?? 0) >= mostPending) {
        this.#dropped += 1;
        continue;
      }
      const uuid = once === undefined ? uuidV7(now) : uuidOf(`${webhookUuid} ${event} ${once}`);
      const body = JSON.stringify({ type: event, timestamp: new Date(now).toISOString(), data });
      this.#unwritten.push({ uuid, webhookUuid, event, body, createdAt: now });
      this.#pending.set(webhookUuid, (this.#pending.get(webhookUuid) ?? 0) + 1);
    }
    if (this.#unwritten.length > 0) this.#writeSoon(gatherMs);
  }

  /** Waits until what was said so far is stored, or could not be. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  #writeSoon(delayMs: number): void {
    this.#timer ??= this.#options.clock.after(delayMs, () => {
      this.#timer = null;
      this.#writing = this.#writing.then(() => this.#write());
    });
  }

  async #write(): Promise<void> {
    const { store, book, clock, logger, onQueued } = this.#options;
    const batch = this.#unwritten;
    this.#unwritten = [];
    try {
      // A webhook that was deleted meanwhile would fail the others.
      const known = batch.filter(({ webhookUuid }) => book.find(webhookUuid) !== null);
      if (known.length > 0) await store.webhooks.enqueue(known);
      if (clock.monotonic() - this.#countedAt > backlogAgeMs) await this.#count();
      if (known.length > 0) onQueued();
    } catch (error) {
      logger.warn(
        { err: error, events: batch.length },
        'events for webhooks could not be stored; trying again',
      );
      this.#unwritten = [...batch, ...this.#unwritten].slice(0, mostUnwritten);
      this.#writeSoon(1_000);
    }
    if (this.#dropped === 0) return;
    logger.warn({ events: this.#dropped }, 'too many events wait for webhooks: some were dropped');
    this.#dropped = 0;
  }

  async #count(): Promise<void> {
    const { store, clock } = this.#options;
    const backlog = await store.webhooks.backlog();
    this.#countedAt = clock.monotonic();
    this.#pending.clear();
    for (const [uuid, { pending }] of backlog) this.#pending.set(uuid, pending);
  }
}

/** A UUID (RFC 9562 §5.8) that stands for a text. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
