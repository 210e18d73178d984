import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { ServerConfig } from '../config/config.js';
import type { Pools } from '../addressing/pools.js';
import type { Sealer } from '../pki/sealer.js';
import type { Clock } from '../process/clock.js';
import type { Store } from '../store/store.js';
import { StoreError } from '../store/storeError.js';
import { WebhookBook } from '../webhooks/book.js';
import { Courier } from '../webhooks/courier.js';
import { Outbox } from '../webhooks/outbox.js';
import { Poster } from '../webhooks/post.js';
import { Targets } from '../webhooks/target.js';
import { Webhooks } from '../webhooks/webhooks.js';
import type { ServerError } from './foundation.js';
import type { ServerNames } from './names.js';

export interface WebhookParts {
  readonly config: Pick<ServerConfig, 'webhooks'>;
  readonly version: string;
  readonly store: Store;
  readonly sealer: Sealer;
  readonly pools: Pick<Pools, 'prefixes'>;
  readonly names: Pick<ServerNames, 'addresses'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Calls to other systems. */
export interface WebhookCare extends AsyncDisposable {
  readonly webhooks: Webhooks;
  readonly outbox: Outbox;
}

/** Reads the webhooks and goes on with what the last run left. Codes: those of `StoreError`. */
export async function composeWebhooks(parts: WebhookParts): Promise<Result<WebhookCare, ServerError>> {
  const { config, version, store, sealer, pools, names, clock, logger } = parts;
  const { allowPrivate } = config.webhooks;
  const targets = new Targets({ allowPrivate, own: [...pools.prefixes, ...names.addresses] });
  const book = new WebhookBook(store, sealer, logger);
  try {
    await book.read();
  } catch (error) {
    if (error instanceof StoreError) return fail({ code: error.code, message: error.message });
    throw error;
  }
  const poster = new Poster({ targets, clock, userAgent: `masque-vpn/${version}` });
  const courier = new Courier({ store, book, poster, clock, logger });
  const outbox = new Outbox({ store, book, clock, logger, onQueued: () => courier.wake() });
  const webhooks = new Webhooks({ store, book, courier, targets, sealer, clock, logger });
  courier.wake();
  return ok({
    webhooks,
    outbox,
    [Symbol.asyncDispose]: async () => {
      webhooks[Symbol.dispose]();
      await outbox.flush();
      await courier[Symbol.asyncDispose]();
    },
  });
}
