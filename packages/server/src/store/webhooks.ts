import type { Kysely, Selectable, Updateable } from 'kysely';
import type { Database, WebhookDeliveryTable, WebhookTable } from './schema.js';
import { uuidV7 } from './uuid.js';

/** A URL that is called when something happens. */
export interface WebhookRecord {
  /** UUIDv7. */
  readonly uuid: string;
  readonly url: string;
  readonly events: readonly string[];
  /** What deliveries are signed with, sealed. */
  readonly sealedSecret: string;
  readonly enabled: boolean;
  /** UTC milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Counts changes, from 1. */
  readonly version: number;
}

export type NewWebhook = Pick<WebhookRecord, 'url' | 'events' | 'sealedSecret' | 'enabled'> & {
  readonly now: number;
};

export type WebhookChange = Partial<Pick<WebhookRecord, 'url' | 'events' | 'sealedSecret' | 'enabled'>>;

/** One event on its way to one webhook. */
export interface DeliveryRecord {
  readonly uuid: string;
  readonly webhookUuid: string;
  readonly event: string;
  /** JSON, as it is sent. */
  readonly body: string;
  readonly attempts: number;
  /** UTC milliseconds. */
  readonly createdAt: number;
  /** Null: delivered, or given up. */
  readonly nextAttemptAt: number | null;
  readonly deliveredAt: number | null;
  /** Of the last attempt that failed. */
  readonly lastError: string | null;
}

export type NewDelivery = Pick<DeliveryRecord, 'uuid' | 'webhookUuid' | 'event' | 'body' | 'createdAt'>;

export const deliveryStates = ['pending', 'delivered', 'dead'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** Which deliveries of a webhook. */
export interface DeliveryQuery {
  readonly webhookUuid: string;
  readonly state?: DeliveryState;
  /** The last of the page before. */
  readonly before?: Pick<DeliveryRecord, 'createdAt' | 'uuid'>;
  /** Default: 100. */
  readonly limit?: number;
}

/** Webhooks, and what is to be delivered to them. */
export class WebhookRepository {
  readonly #database: Kysely<Database>;

  constructor(database: Kysely<Database>) {
    this.#database = database;
  }

  async create(webhook: NewWebhook): Promise<WebhookRecord> {
    const now = Math.trunc(webhook.now);
    const row = {
      uuid: uuidV7(now),
      url: webhook.url,
      events: JSON.stringify(webhook.events),
      secret: webhook.sealedSecret,
      enabled: webhook.enabled ? 1 : 0,
      created_at: now,
      updated_at: now,
      version: 1,
    };
    await this.#database.insertInto('webhooks').values(row).execute();
    return toWebhook(row);
  }

  async find(uuid: string): Promise<WebhookRecord | null> {
    const row = await this.#database
      .selectFrom('webhooks')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row === undefined ? null : toWebhook(row);
  }

  /** All of them, the oldest first. */
  async list(): Promise<readonly WebhookRecord[]> {
    const rows = await this.#database.selectFrom('webhooks').selectAll().orderBy('uuid').execute();
    return rows.map(toWebhook);
  }

  /** Null when there is none of this version. */
  async update(
    uuid: string,
    change: WebhookChange,
    at: { readonly now: number; readonly version: number },
  ): Promise<WebhookRecord | null> {
    const { url, events, sealedSecret, enabled } = change;
    const columns: Updateable<WebhookTable> = {
      ...(url === undefined ? {} : { url }),
      ...(events === undefined ? {} : { events: JSON.stringify(events) }),
      ...(sealedSecret === undefined ? {} : { secret: sealedSecret }),
      ...(enabled === undefined ? {} : { enabled: enabled ? 1 : 0 }),
      updated_at: Math.trunc(at.now),
      version: at.version + 1,
    };
    const row = await this.#database
      .updateTable('webhooks')
      .set(columns)
      .where('uuid', '=', uuid)
      .where('version', '=', at.version)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : toWebhook(row);
  }

  /** Deletes it with its deliveries. False when there was none. */
  async delete(uuid: string): Promise<boolean> {
    const result = await this.#database.deleteFrom('webhooks').where('uuid', '=', uuid).executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  /** Puts deliveries in line; one whose uuid is known already changes nothing. Their webhooks must exist. */
  async enqueue(deliveries: readonly NewDelivery[]): Promise<void> {
    for (let start = 0; start < deliveries.length; start += rowsPerInsert) {
      await this.#database
        .insertInto('webhook_deliveries')
        .values(
          deliveries.slice(start, start + rowsPerInsert).map((delivery) => ({
            uuid: delivery.uuid,
            webhook_uuid: delivery.webhookUuid,
            event: delivery.event,
            body: delivery.body,
            attempts: 0,
            created_at: Math.trunc(delivery.createdAt),
            next_attempt_at: Math.trunc(delivery.createdAt),
            delivered_at: null,
            last_error: null,
          })),
        )
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  }

  /** The delivery that waits longest of those whose time has come; null: none has. */
  async due(webhookUuid: string, now: number): Promise<DeliveryRecord | null> {
    const row = await this.#database
      .selectFrom('webhook_deliveries')
      .selectAll()
      .where('webhook_uuid', '=', webhookUuid)
      .where('next_attempt_at', '<=', Math.trunc(now))
      .orderBy('next_attempt_at')
      .orderBy('uuid')
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? null : toDelivery(row);
  }

  /** When the next attempt of any delivery of this webhook is due, UTC milliseconds; null: nothing waits. */
  async nextDue(webhookUuid: string): Promise<number | null> {
    const row = await this.#database
      .selectFrom('webhook_deliveries')
      .select(({ fn }) => fn.min('next_attempt_at').as('next'))
      .where('webhook_uuid', '=', webhookUuid)
      .where('next_attempt_at', 'is not', null)
      .executeTakeFirst();
    return row?.next ?? null;
  }

  /**
   * Takes a delivery for an attempt: until `until` no other server makes one, then, if this one died, any does. False
   * when another one was quicker.
   */
  async claim(delivery: DeliveryRecord, until: number): Promise<boolean> {
    const result = await this.#database
      .updateTable('webhook_deliveries')
      .set({ next_attempt_at: Math.trunc(until), attempts: delivery.attempts + 1 })
      .where('uuid', '=', delivery.uuid)
      .where('attempts', '=', delivery.attempts)
      .where('next_attempt_at', '=', delivery.nextAttemptAt)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  async delivered(uuid: string, now: number): Promise<void> {
    await this.#settle(uuid, { delivered_at: Math.trunc(now), next_attempt_at: null });
  }

  /** @param nextAttemptAt null: it is given up */
  async failed(uuid: string, error: string, nextAttemptAt: number | null): Promise<void> {
    await this.#settle(uuid, {
      last_error: error.slice(0, 500),
      next_attempt_at: nextAttemptAt === null ? null : Math.trunc(nextAttemptAt),
    });
  }

  async findDelivery(uuid: string): Promise<DeliveryRecord | null> {
    const row = await this.#database
      .selectFrom('webhook_deliveries')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row === undefined ? null : toDelivery(row);
  }

  /** Newest first. */
  async deliveries(query: DeliveryQuery): Promise<readonly DeliveryRecord[]> {
    let select = this.#database
      .selectFrom('webhook_deliveries')
      .selectAll()
      .where('webhook_uuid', '=', query.webhookUuid);
    if (query.state === 'pending') select = select.where('next_attempt_at', 'is not', null);
    if (query.state === 'delivered') select = select.where('delivered_at', 'is not', null);
    if (query.state === 'dead') {
      select = select.where('next_attempt_at', 'is', null).where('delivered_at', 'is', null);
    }
    const { before } = query;
    if (before !== undefined) {
      select = select.where((expression) =>
        expression.or([
          expression('created_at', '<', before.createdAt),
          expression.and([
            expression('created_at', '=', before.createdAt),
            expression('uuid', '<', before.uuid),
          ]),
        ]),
      );
    }
    const rows = await select
      .orderBy('created_at', 'desc')
      .orderBy('uuid', 'desc')
      .limit(query.limit ?? 100)
      .execute();
    return rows.map(toDelivery);
  }

  /** Webhook (uuid) → how many deliveries wait, and how many were given up. */
  async backlog(): Promise<ReadonlyMap<string, { readonly pending: number; readonly dead: number }>> {
    const rows = await this.#database
      .selectFrom('webhook_deliveries')
      .select(({ fn }) => [
        'webhook_uuid',
        fn.count('next_attempt_at').as('pending'),
        fn.countAll().as('undelivered'),
      ])
      .where('delivered_at', 'is', null)
      .groupBy('webhook_uuid')
      .execute();
    return new Map(
      rows.map(({ webhook_uuid: uuid, pending, undelivered }) => [
        uuid,
        { pending: Number(pending), dead: Number(undelivered) - Number(pending) },
      ]),
    );
  }

  /** Has a delivery that was given up, or waits, attempted at once, from the beginning. False: it was delivered. */
  async retry(uuid: string, now: number): Promise<boolean> {
    const result = await this.#database
      .updateTable('webhook_deliveries')
      .set({ next_attempt_at: Math.trunc(now), attempts: 0 })
      .where('uuid', '=', uuid)
      .where('delivered_at', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  /** Forgets what does not wait any more and was made before this time, but events of these kinds; returns how many. */
  async prune(before: number, but: readonly string[]): Promise<number> {
    const result = await this.#database
      .deleteFrom('webhook_deliveries')
      .where('next_attempt_at', 'is', null)
      .where('created_at', '<', Math.trunc(before))
      .where('event', 'not in', but)
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }

  async #settle(uuid: string, columns: Updateable<WebhookDeliveryTable>): Promise<void> {
    await this.#database.updateTable('webhook_deliveries').set(columns).where('uuid', '=', uuid).execute();
  }
}

/** 9 parameters each, well below every database's limit of parameters. */
const rowsPerInsert = 100;

function toWebhook(row: Selectable<WebhookTable>): WebhookRecord {
  return {
    uuid: row.uuid,
    url: row.url,
    events: JSON.parse(row.events) as string[],
    sealedSecret: row.secret,
    enabled: row.enabled !== 0,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}

function toDelivery(row: Selectable<WebhookDeliveryTable>): DeliveryRecord {
  return {
    uuid: row.uuid,
    webhookUuid: row.webhook_uuid,
    event: row.event,
    body: row.body,
    attempts: row.attempts,
    createdAt: row.created_at,
    nextAttemptAt: row.next_attempt_at,
    deliveredAt: row.delivered_at,
    lastError: row.last_error,
  };
}
