import type { Logger } from 'pino';
import type { Clock, Timer } from '../process/clock.js';
import type { Store } from '../store/store.js';
import type { DeliveryRecord } from '../store/webhooks.js';
import type { ReadyWebhook, WebhookBook } from './book.js';
import type { Poster, PostOutcome } from './post.js';
import { signatureHeaders } from './signature.js';

export interface CourierOptions {
  readonly store: Pick<Store, 'webhooks'>;
  readonly book: WebhookBook;
  readonly poster: Pick<Poster, 'post'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Waits between attempts; after the last one a delivery is given up: a day and a half altogether. */
export const retryDelaysMs: readonly number[] = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
  8 * hour,
  8 * hour,
  12 * hour,
];

/** For this long a delivery belongs to who attempts it; then another server may. Longer than an attempt takes. */
const claimMs = minute;

/** How often webhooks of other servers' making are looked for, at least. */
const longestWaitMs = minute;

/** Delivers what waits: to each webhook one after the other, to several at a time. */
export class Courier implements AsyncDisposable {
  readonly #options: CourierOptions;
  /** Webhooks that are being delivered to. */
  readonly #rounds = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  #alarm: { readonly atMs: number; readonly timer: Timer } | null = null;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** Something may be due. */
  wake(): void {
    if (this.#stop.signal.aborted) return;
    for (const { uuid } of this.#options.book.all) {
      if (this.#rounds.has(uuid)) continue;
      const round = this.#deliverAll(uuid).finally(() => {
        this.#rounds.delete(uuid);
      });
      this.#rounds.set(uuid, round);
    }
  }

  /** Resolves when no delivery is under way. */
  async settled(): Promise<void> {
    while (this.#rounds.size > 0) await Promise.all(this.#rounds.values());
  }

  /** One attempt that is not stored: for trying a webhook out. */
  attempt(webhook: ReadyWebhook, delivery: Pick<DeliveryRecord, 'uuid' | 'body'>): Promise<PostOutcome> {
    const { poster, clock } = this.#options;
    const { uuid: id, body } = delivery;
    const headers = signatureHeaders(webhook.secret, { id, body }, clock.now());
    return poster.post(webhook.url, body, headers, this.#stop.signal);
  }

  /** Cuts off what is under way; it is attempted again at the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#alarm?.timer.cancel();
    await this.settled();
  }

  async #deliverAll(webhookUuid: string): Promise<void> {
    const { store, book, clock, logger } = this.#options;
    try {
      for (;;) {
        const webhook = book.find(webhookUuid);
        if (webhook === null || this.#stop.signal.aborted) return;
        const due = await store.webhooks.due(webhookUuid, clock.now());
        if (due === null) break;
        if (await store.webhooks.claim(due, clock.now() + claimMs)) await this.#deliver(webhook, due);
      }
      const next = await store.webhooks.nextDue(webhookUuid);
      if (next !== null) this.#wakeAt(next);
    } catch (error) {
      logger.warn(
        { webhook: webhookUuid, err: error },
        'deliveries of a webhook cannot be read; trying again',
      );
      this.#wakeAt(clock.now() + 5 * second);
    }
  }

  async #deliver(webhook: ReadyWebhook, delivery: DeliveryRecord): Promise<void> {
    const { store, clock, logger } = this.#options;
    const outcome = await this.attempt(webhook, delivery);
    // Nobody's fault: the next start makes this attempt again, when the claim is over.
    if (this.#stop.signal.aborted) return;
    const names = { webhook: webhook.uuid, delivery: delivery.uuid, event: delivery.event };
    if (outcome.delivered) {
      await store.webhooks.delivered(delivery.uuid, clock.now());
      logger.debug({ ...names, status: outcome.status }, 'webhook delivered');
      return;
    }
    const delayMs = retryDelaysMs[delivery.attempts];
    const { error } = outcome;
    const next = delayMs === undefined ? null : clock.now() + delayMs * (0.9 + 0.2 * Math.random());
    await store.webhooks.failed(delivery.uuid, error, next);
    const attempts = delivery.attempts + 1;
    if (next === null) logger.warn({ ...names, attempts, detail: error }, 'webhook delivery given up');
    else logger.info({ ...names, attempts, detail: error }, 'webhook not delivered; trying again');
  }

  #wakeAt(atMs: number): void {
    if (this.#stop.signal.aborted) return;
    if (this.#alarm !== null && this.#alarm.atMs <= atMs) return;
    const { clock } = this.#options;
    this.#alarm?.timer.cancel();
    const waitMs = Math.min(Math.max(0, atMs - clock.now()), longestWaitMs);
    const timer = clock.after(waitMs, () => {
      this.#alarm = null;
      this.wake();
    });
    this.#alarm = { atMs, timer };
  }
}
