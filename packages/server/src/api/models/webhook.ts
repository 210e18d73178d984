import { z } from 'zod';
import { deliveryStates } from '../../store/webhooks.js';
import { webhookEvents } from '../../webhooks/event.js';
import { pageModel, PageQuery } from '../page.js';
import { TimestampMs } from './identifiers.js';
import { exactText } from './text.js';

const Events = z
  .array(z.enum(webhookEvents))
  .min(1)
  .max(webhookEvents.length)
  .refine((events) => new Set(events).size === events.length, 'must not name an event twice');
const Url = exactText(2_000);

/** A webhook as administrators see it. */
export const WebhookModel = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  enabled: z.boolean(),
  createdAtMs: TimestampMs,
  updatedAtMs: TimestampMs,
  version: z.int(),
  /** Deliveries that wait, and that were given up. */
  pending: z.int().nonnegative(),
  dead: z.int().nonnegative(),
});
export type WebhookModel = z.infer<typeof WebhookModel>;

/** Answer of `GET /api/v1/webhooks`, the oldest first: there are at most 50. */
export const WebhookListModel = pageModel(WebhookModel);

/** Body of `POST /api/v1/webhooks`. */
export const NewWebhookModel = z.strictObject({
  url: Url,
  events: Events,
  enabled: z.boolean().default(true),
});

/** Body of `PATCH /api/v1/webhooks/:id`; what is absent stays. */
export const WebhookChangeModel = z.strictObject({
  url: Url.optional(),
  events: Events.optional(),
  enabled: z.boolean().optional(),
});

/** Answer where a secret was made: it is shown this once. */
export const WebhookSecretModel = z.object({ webhook: WebhookModel, secret: z.string() });

/** Answer of `POST /api/v1/webhooks/:id/test`. */
export const WebhookTestModel = z.object({
  delivered: z.boolean(),
  /** Of the answer; null: there was none. */
  status: z.int().nullable(),
  error: z.string().nullable(),
});

/** One event on its way to a webhook. */
export const DeliveryModel = z.object({
  id: z.string(),
  event: z.string(),
  state: z.enum(deliveryStates),
  attempts: z.int(),
  createdAtMs: TimestampMs,
  nextAttemptAtMs: TimestampMs.nullable(),
  deliveredAtMs: TimestampMs.nullable(),
  /** Of the last attempt that failed. */
  lastError: z.string().nullable(),
  /** What is sent, JSON. */
  body: z.string(),
});

/** Answer of `GET /api/v1/webhooks/:id/deliveries`, the newest first. */
export const DeliveryListModel = pageModel(DeliveryModel);

/** Query of `GET /api/v1/webhooks/:id/deliveries`. */
export const DeliveryQuery = PageQuery.extend({ state: z.enum(deliveryStates).optional() });
