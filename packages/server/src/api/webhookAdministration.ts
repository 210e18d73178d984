import { fail, ok, type Result } from '@masque-vpn/protocol';
import { z } from 'zod';
import type { Actor, By } from '../audit/actor.js';
import type { DeliveryRecord, WebhookRecord, WebhookRepository } from '../store/webhooks.js';
import type { Webhooks } from '../webhooks/webhooks.js';
import type {
  DeliveryModel,
  DeliveryQuery,
  NewWebhookModel,
  WebhookChangeModel,
  WebhookModel,
  WebhookSecretModel,
  WebhookTestModel,
} from './models/webhook.js';
import { cutPage, parseCursor, type Page } from './page.js';
import type { ApiFailure } from './problem.js';

type Backlog = ReadonlyMap<string, { readonly pending: number; readonly dead: number }>;

const placeKey = z.tuple([z.int(), z.string().max(40)]);

/** Webhooks as the API shows and changes them. Every method throws `StoreError`. */
export class WebhookAdministration {
  readonly #webhooks: Webhooks;
  readonly #repository: WebhookRepository;

  constructor(webhooks: Webhooks, repository: WebhookRepository) {
    this.#webhooks = webhooks;
    this.#repository = repository;
  }

  async list(): Promise<Page<WebhookModel>> {
    const [all, backlog] = await Promise.all([this.#repository.list(), this.#repository.backlog()]);
    return { items: all.map((webhook) => modelOf(webhook, backlog)), nextCursor: null };
  }

  /** Code: WEBHOOK_NOT_FOUND. */
  async find(id: string): Promise<Result<WebhookModel, ApiFailure>> {
    const webhook = await this.#repository.find(id);
    if (webhook === null) return fail({ code: 'WEBHOOK_NOT_FOUND', message: 'no webhook has this id' });
    return ok(modelOf(webhook, await this.#repository.backlog()));
  }

  /** Codes: see `Webhooks.create`. */
  async create(
    request: z.output<typeof NewWebhookModel>,
    actor: Actor,
  ): Promise<Result<z.infer<typeof WebhookSecretModel>, ApiFailure>> {
    const created = await this.#webhooks.create(request, actor);
    if (!created.ok) return created;
    return ok({ webhook: modelOf(created.value.webhook, new Map()), secret: created.value.secret });
  }

  /** Codes: see `Webhooks.change`. */
  async change(
    id: string,
    { url, events, enabled }: z.output<typeof WebhookChangeModel>,
    by: By,
  ): Promise<Result<WebhookModel, ApiFailure>> {
    const change = {
      ...(url === undefined ? {} : { url }),
      ...(events === undefined ? {} : { events }),
      ...(enabled === undefined ? {} : { enabled }),
    };
    const changed = await this.#webhooks.change(id, change, by);
    return changed.ok ? this.find(id) : changed;
  }

  /** Code: WEBHOOK_NOT_FOUND. */
  async renewSecret(
    id: string,
    actor: Actor,
  ): Promise<Result<z.infer<typeof WebhookSecretModel>, ApiFailure>> {
    const renewed = await this.#webhooks.renewSecret(id, actor);
    if (!renewed.ok) return renewed;
    const { webhook, secret } = renewed.value;
    return ok({ webhook: modelOf(webhook, await this.#repository.backlog()), secret });
  }

  /** Codes: see `Webhooks.remove`. */
  async remove(id: string, by: By): Promise<Result<null, ApiFailure>> {
    const removed = await this.#webhooks.remove(id, by);
    return removed.ok ? ok(null) : removed;
  }

  /** Codes: see `Webhooks.test`. */
  async test(id: string): Promise<Result<z.infer<typeof WebhookTestModel>, ApiFailure>> {
    const tested = await this.#webhooks.test(id);
    if (!tested.ok) return tested;
    const outcome = tested.value;
    return ok({ ...outcome, error: outcome.delivered ? null : outcome.error });
  }

  /** Codes: WEBHOOK_NOT_FOUND, API_REQUEST_INVALID. */
  async deliveries(
    id: string,
    { limit, cursor, state }: z.output<typeof DeliveryQuery>,
  ): Promise<Result<Page<z.infer<typeof DeliveryModel>>, ApiFailure>> {
    const before = parseCursor(cursor, placeKey);
    if (!before.ok) return before;
    if ((await this.#repository.find(id)) === null) {
      return fail({ code: 'WEBHOOK_NOT_FOUND', message: 'no webhook has this id' });
    }
    const found = await this.#repository.deliveries({
      webhookUuid: id,
      ...(state === undefined ? {} : { state }),
      ...(before.value === null ? {} : { before: { createdAt: before.value[0], uuid: before.value[1] } }),
      limit: limit + 1,
    });
    return ok(cutPage(found, limit, ({ createdAt, uuid }) => [createdAt, uuid], deliveryModel));
  }

  /** Codes: see `Webhooks.retry`. */
  async retry(id: string, delivery: string, actor: Actor): Promise<Result<null, ApiFailure>> {
    const retried = await this.#webhooks.retry(id, delivery, actor);
    return retried.ok ? ok(null) : retried;
  }
}

function modelOf(webhook: WebhookRecord, backlog: Backlog): WebhookModel {
  const { uuid, url, events, enabled, createdAt, updatedAt, version } = webhook;
  const { pending, dead } = backlog.get(uuid) ?? { pending: 0, dead: 0 };
  return {
    ...{ id: uuid, url, events: [...events], enabled, version, pending, dead },
    createdAtMs: createdAt,
    updatedAtMs: updatedAt,
  };
}

function deliveryModel(delivery: DeliveryRecord): z.infer<typeof DeliveryModel> {
  const { uuid, event, body, attempts, createdAt, nextAttemptAt, deliveredAt, lastError } = delivery;
  return {
    ...{ id: uuid, event, body, attempts, lastError },
    state: deliveredAt !== null ? 'delivered' : nextAttemptAt === null ? 'dead' : 'pending',
    createdAtMs: createdAt,
    nextAttemptAtMs: nextAttemptAt,
    deliveredAtMs: deliveredAt,
  };
}
