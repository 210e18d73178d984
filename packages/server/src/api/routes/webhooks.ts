import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { UuidSchema } from '../models/identifiers.js';
import {
  DeliveryListModel,
  DeliveryQuery,
  NewWebhookModel,
  WebhookChangeModel,
  WebhookListModel,
  WebhookModel,
  WebhookSecretModel,
  WebhookTestModel,
} from '../models/webhook.js';
import { route, type Route } from '../route.js';

const path = '/api/v1/webhooks';
const one = `${path}/:id`;
const params = z.object({ id: UuidSchema });

const listWebhooks = route({
  method: 'GET',
  path,
  permission: 'webhooks:read',
  operationId: 'listWebhooks',
  summary: 'All webhooks, the oldest first.',
  response: WebhookListModel,
  handle: async ({ services }) => {
    const { items, nextCursor } = await services.webhooks.list();
    return ok({ items: [...items], nextCursor });
  },
});

const createWebhook = route({
  method: 'POST',
  path,
  permission: 'webhooks:write',
  operationId: 'createWebhook',
  summary: 'Creates a webhook; its secret is shown this once.',
  body: NewWebhookModel,
  status: 201,
  response: WebhookSecretModel,
  handle: ({ body, actor, services }) => services.webhooks.create(body, actor),
});

const getWebhook = route({
  method: 'GET',
  path: one,
  permission: 'webhooks:read',
  operationId: 'getWebhook',
  summary: 'A webhook, and what waits for it.',
  params,
  response: WebhookModel,
  handle: ({ params: { id }, services }) => services.webhooks.find(id),
});

const changeWebhook = route({
  method: 'PATCH',
  path: one,
  permission: 'webhooks:write',
  operationId: 'changeWebhook',
  summary: 'Changes a webhook.',
  params,
  body: WebhookChangeModel,
  response: WebhookModel,
  handle: ({ params: { id }, body, actor, request, services }) =>
    services.webhooks.change(id, body, { actor, version: request.ifMatch }),
});

const deleteWebhook = route({
  method: 'DELETE',
  path: one,
  permission: 'webhooks:write',
  operationId: 'deleteWebhook',
  summary: 'Deletes a webhook with everything that waits for it.',
  params,
  status: 204,
  response: z.null(),
  handle: ({ params: { id }, actor, request, services }) =>
    services.webhooks.remove(id, { actor, version: request.ifMatch }),
});

const renewWebhookSecret = route({
  method: 'POST',
  path: `${one}/secret`,
  permission: 'webhooks:write',
  operationId: 'renewWebhookSecret',
  summary: 'A new secret, shown this once; the one before is of no use any more.',
  params,
  status: 201,
  response: WebhookSecretModel,
  handle: ({ params: { id }, actor, services }) => services.webhooks.renewSecret(id, actor),
});

const testWebhook = route({
  method: 'POST',
  path: `${one}/test`,
  permission: 'webhooks:write',
  operationId: 'testWebhook',
  summary: 'Sends one signed event of the type webhook.test at once, and says what came of it.',
  params,
  response: WebhookTestModel,
  handle: ({ params: { id }, services }) => services.webhooks.test(id),
});

const listDeliveries = route({
  method: 'GET',
  path: `${one}/deliveries`,
  permission: 'webhooks:read',
  operationId: 'listDeliveries',
  summary: 'What was, is or could not be delivered, the newest first.',
  params,
  query: DeliveryQuery,
  response: DeliveryListModel,
  handle: ({ params: { id }, query, services }) => services.webhooks.deliveries(id, query),
});

const retryDelivery = route({
  method: 'POST',
  path: `${one}/deliveries/:delivery/retry`,
  permission: 'webhooks:write',
  operationId: 'retryDelivery',
  summary: 'Attempts a delivery again, from the beginning.',
  params: params.extend({ delivery: UuidSchema }),
  status: 204,
  response: z.null(),
  handle: ({ params: { id, delivery }, actor, services }) => services.webhooks.retry(id, delivery, actor),
});

/** Every route of webhooks. */
export const webhookRoutes: readonly Route[] = [
  listWebhooks,
  createWebhook,
  getWebhook,
  changeWebhook,
  deleteWebhook,
  renewWebhookSecret,
  testWebhook,
  listDeliveries,
  retryDelivery,
];
