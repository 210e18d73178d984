import type { WebhookFailureCode } from '../../webhooks/webhooks.js';
import type { ProblemTable } from './table.js';

export const webhookProblems = {
  WEBHOOK_NOT_FOUND: [404, 'There is no such webhook'],
  WEBHOOK_LIMIT_REACHED: [409, 'There are too many webhooks'],
  WEBHOOK_URL_REFUSED: [422, 'The URL cannot be called'],
  DELIVERY_NOT_FOUND: [404, 'There is no such delivery'],
  DELIVERY_DONE: [409, 'It was delivered already'],
} as const satisfies ProblemTable & Record<WebhookFailureCode, unknown>;
