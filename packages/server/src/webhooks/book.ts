import type { Logger } from 'pino';
import type { Sealer } from '../pki/sealer.js';
import type { Store } from '../store/store.js';
import type { WebhookRecord } from '../store/webhooks.js';

/** A webhook with its secret in clear, as it is needed to sign. */
export interface ReadyWebhook extends WebhookRecord {
  readonly secret: string;
}

/** The webhooks that are enabled, in memory. Whoever changes the store has them read again. */
export class WebhookBook {
  readonly #store: Pick<Store, 'webhooks'>;
  readonly #sealer: Sealer;
  readonly #logger: Logger;
  #ready: ReadonlyMap<string, ReadyWebhook> = new Map();
  #reading: Promise<void> = Promise.resolve();

  constructor(store: Pick<Store, 'webhooks'>, sealer: Sealer, logger: Logger) {
    this.#store = store;
    this.#sealer = sealer;
    this.#logger = logger;
  }

  /** Reads all of them, one reading after the other; throws `StoreError`. */
  read(): Promise<void> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#readAll());
    return this.#reading;
  }

  get all(): Iterable<ReadyWebhook> {
    return this.#ready.values();
  }

  find(uuid: string): ReadyWebhook | null {
    return this.#ready.get(uuid) ?? null;
  }

  /** Those that are told of this event. */
  toldOf(event: string): readonly ReadyWebhook[] {
    return [...this.#ready.values()].filter(({ events }) => events.includes(event));
  }

  /** The webhook with its secret; null when that was sealed with another key. */
  open(webhook: WebhookRecord): ReadyWebhook | null {
    const secret = this.#sealer.open(webhook.sealedSecret);
    if (secret.ok) return { ...webhook, secret: secret.value };
    this.#logger.error(
      { webhook: webhook.uuid, err: secret.error },
      'the secret of a webhook cannot be read',
    );
    return null;
  }

  async #readAll(): Promise<void> {
    const ready = new Map<string, ReadyWebhook>();
    for (const webhook of await this.#store.webhooks.list()) {
      const opened = webhook.enabled ? this.open(webhook) : null;
      if (opened !== null) ready.set(webhook.uuid, opened);
    }
    this.#ready = ready;
  }
}
