import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Actor, By } from '../audit/actor.js';
import type { Sealer } from '../pki/sealer.js';
import type { Clock } from '../process/clock.js';
import { ChangeFollower } from '../servers/changeFollower.js';
import { attempt } from '../store/attempt.js';
import type { Repositories } from '../store/repositories.js';
import type { Store } from '../store/store.js';
import { uuidV7 } from '../store/uuid.js';
import type { WebhookChange, WebhookRecord } from '../store/webhooks.js';
import type { WebhookBook } from './book.js';
import type { Courier } from './courier.js';
import { testEvent, type WebhookEvent } from './event.js';
import type { PostOutcome } from './post.js';
import { newWebhookSecret } from './signature.js';
import type { Targets } from './target.js';

export const webhookFailureCodes = [
  'WEBHOOK_NOT_FOUND',
  'WEBHOOK_LIMIT_REACHED',
  'WEBHOOK_URL_REFUSED',
  'DELIVERY_NOT_FOUND',
  /** It was delivered: there is nothing to repeat. */
  'DELIVERY_DONE',
] as const;
export type WebhookFailureCode = (typeof webhookFailureCodes)[number];

export interface WebhookFailure {
  readonly code: WebhookFailureCode | 'API_VERSION_CONFLICT' | 'PKI_SEAL_BROKEN';
  readonly message: string;
}

export interface WebhooksOptions {
  readonly store: Pick<Store, 'webhooks' | 'atomically' | 'changes'>;
  readonly book: WebhookBook;
  readonly courier: Courier;
  readonly targets: Targets;
  readonly sealer: Sealer;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly logger: Logger;
}

/** Webhooks there can be. */
const mostWebhooks = 50;

/** What other servers hear when webhooks change: `{ kind: 'settings', id: webhooksChange }`. */
const webhooksChange = 'webhooks';

/** The webhook with the secret its receiver needs; shown this once. */
export interface WebhookWithSecret {
  readonly webhook: WebhookRecord;
  readonly secret: string;
}

/** Creates, changes, tries and deletes webhooks. Every method throws `StoreError`. */
export class Webhooks implements Disposable {
  readonly #options: WebhooksOptions;
  readonly #follower: ChangeFollower;

  constructor(options: WebhooksOptions) {
    this.#options = options;
    this.#follower = new ChangeFollower({
      ...options,
      changes: options.store.changes,
      concerns: ({ kind, id }) => (kind === 'settings' && id === webhooksChange ? 'everything' : null),
      readEverything: () => this.#readAgain(),
    });
  }

  /** Codes: WEBHOOK_URL_REFUSED, WEBHOOK_LIMIT_REACHED. */
  async create(
    wanted: { readonly url: string; readonly events: readonly WebhookEvent[]; readonly enabled: boolean },
    actor: Actor,
  ): Promise<Result<WebhookWithSecret, WebhookFailure>> {
    const judged = this.#options.targets.judge(wanted.url);
    if (!judged.ok) return judged;
    const secret = newWebhookSecret();
    const sealedSecret = this.#options.sealer.seal(secret);
    const now = this.#options.clock.now();
    const created = await this.#attempt(async (repositories) => {
      if ((await repositories.webhooks.list()).length >= mostWebhooks) {
        return fail({ code: 'WEBHOOK_LIMIT_REACHED', message: `there are ${mostWebhooks} already` });
      }
      const webhook = await repositories.webhooks.create({ ...wanted, sealedSecret, now });
      await this.#audit(repositories, 'webhook.create', webhook, actor);
      return ok(webhook);
    });
    return created.ok ? ok({ webhook: created.value, secret }) : created;
  }

  /** Codes: WEBHOOK_NOT_FOUND, WEBHOOK_URL_REFUSED, API_VERSION_CONFLICT. */
  async change(
    uuid: string,
    change: Pick<WebhookChange, 'url' | 'events' | 'enabled'>,
    by: By,
  ): Promise<Result<WebhookRecord, WebhookFailure>> {
    const judged = change.url === undefined ? null : this.#options.targets.judge(change.url);
    if (judged?.ok === false) return judged;
    return this.#update(uuid, change, { ...by, action: 'webhook.update' });
  }

  /** A new secret; what is signed from now on is signed with it. Code: WEBHOOK_NOT_FOUND. */
  async renewSecret(uuid: string, actor: Actor): Promise<Result<WebhookWithSecret, WebhookFailure>> {
    const secret = newWebhookSecret();
    const sealedSecret = this.#options.sealer.seal(secret);
    const by = { actor, version: null, action: 'webhook.renewSecret' };
    const changed = await this.#update(uuid, { sealedSecret }, by);
    return changed.ok ? ok({ webhook: changed.value, secret }) : changed;
  }

  /** With everything that waits for it. Codes: WEBHOOK_NOT_FOUND, API_VERSION_CONFLICT. */
  async remove(uuid: string, { actor, version }: By): Promise<Result<void, WebhookFailure>> {
    const removed = await this.#attempt<undefined>(async (repositories) => {
      const webhook = await repositories.webhooks.find(uuid);
      if (webhook === null) return notFound();
      if (version !== null && version !== webhook.version) return changedMeanwhile(webhook.version);
      await repositories.webhooks.delete(uuid);
      await this.#audit(repositories, 'webhook.delete', webhook, actor);
      return ok(undefined);
    });
    return removed;
  }

  /** Sends one signed event at once, whether it is enabled or not. Codes: WEBHOOK_NOT_FOUND, PKI_SEAL_BROKEN. */
  async test(uuid: string): Promise<Result<PostOutcome, WebhookFailure>> {
    const { store, book, courier, clock } = this.#options;
    const webhook = await store.webhooks.find(uuid);
    if (webhook === null) return notFound();
    const ready = book.open(webhook);
    if (ready === null) {
      return fail({ code: 'PKI_SEAL_BROKEN', message: 'its secret cannot be read; make a new one' });
    }
    const timestamp = new Date(clock.now()).toISOString();
    const body = JSON.stringify({ type: testEvent, timestamp, data: {} });
    return ok(await courier.attempt(ready, { uuid: uuidV7(clock.now()), body }));
  }

  /** Attempts a delivery again, from the beginning. Codes: DELIVERY_NOT_FOUND, DELIVERY_DONE. */
  async retry(
    webhookUuid: string,
    deliveryUuid: string,
    actor: Actor,
  ): Promise<Result<void, WebhookFailure>> {
    const { store, courier, clock } = this.#options;
    const outcome = await attempt<undefined, WebhookFailure>(store, async (repositories) => {
      const delivery = await repositories.webhooks.findDelivery(deliveryUuid);
      const webhook = await repositories.webhooks.find(webhookUuid);
      if (webhook === null || delivery?.webhookUuid !== webhookUuid) {
        return fail({ code: 'DELIVERY_NOT_FOUND', message: 'this webhook has no such delivery' });
      }
      if (!(await repositories.webhooks.retry(deliveryUuid, clock.now()))) {
        return fail({ code: 'DELIVERY_DONE', message: 'it was delivered already' });
      }
      await this.#audit(repositories, 'webhook.retry', webhook, actor);
      return ok(undefined);
    });
    if (outcome.ok) courier.wake();
    return outcome;
  }

  [Symbol.dispose](): void {
    this.#follower[Symbol.dispose]();
  }

  #update(
    uuid: string,
    change: WebhookChange,
    { actor, version, action }: By & { readonly action: string },
  ): Promise<Result<WebhookRecord, WebhookFailure>> {
    const now = this.#options.clock.now();
    return this.#attempt(async (repositories) => {
      const webhook = await repositories.webhooks.find(uuid);
      if (webhook === null) return notFound();
      if (version !== null && version !== webhook.version) return changedMeanwhile(webhook.version);
      const updated = await repositories.webhooks.update(uuid, change, { now, version: webhook.version });
      if (updated === null) return changedMeanwhile(webhook.version + 1);
      await this.#audit(repositories, action, updated, actor);
      return ok(updated);
    });
  }

  async #attempt<T>(
    work: (repositories: Repositories) => Promise<Result<T, WebhookFailure>>,
  ): Promise<Result<T, WebhookFailure>> {
    const { store, logger } = this.#options;
    const outcome = await attempt(store, work);
    if (!outcome.ok) return outcome;
    try {
      await this.#readAgain();
    } catch (error) {
      logger.warn({ err: error }, 'webhooks could not be read again; trying again');
      this.#follower.readAgain();
    }
    return outcome;
  }

  async #readAgain(): Promise<void> {
    const { book, courier } = this.#options;
    await book.read();
    courier.wake();
  }

  /** Paths and parameters of a URL may hold secrets: the audit log names the host only. */
  async #audit(
    repositories: Repositories,
    action: string,
    { uuid, url, events, enabled }: WebhookRecord,
    actor: Actor,
  ): Promise<void> {
    const detail = { host: new URL(url).host, events, enabled };
    const now = this.#options.clock.now();
    await repositories.audit.insert({ actor, action, targetKind: 'webhook', target: uuid, detail, now });
    await repositories.changes.publish({ kind: 'settings', id: webhooksChange });
  }
}

function notFound(): Result<never, WebhookFailure> {
  return fail({ code: 'WEBHOOK_NOT_FOUND', message: 'no webhook has this id' });
}

function changedMeanwhile(version: number): Result<never, WebhookFailure> {
  return fail({ code: 'API_VERSION_CONFLICT', message: `it has version ${version} by now; read it again` });
}
