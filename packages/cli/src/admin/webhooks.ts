import { z } from 'zod';
import {
  DeliveryModel,
  WebhookListModel,
  WebhookModel,
  WebhookSecretModel,
  WebhookTestModel,
} from '@masque-vpn/server/models';
import { commandFailed, type CommandResult, done } from '../commandResult.js';
import { table } from '../output/table.js';
import { instant } from '../output/units.js';
import { apiPath } from './adminApi.js';
import type { AdminTools } from './adminContext.js';

/** Flags of `admin webhook add` and `set`. */
export interface WebhookFlags {
  readonly events?: readonly string[];
  readonly url?: string;
}

/** `masque-vpn admin webhook list` */
export async function listWebhooks({ api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('GET', apiPath('webhooks'), WebhookListModel);
  if (!answer.ok) return answer;
  print(answer.value, ({ items }) =>
    items.length === 0
      ? 'Nobody is told of anything.\n'
      : table(
          ['url', 'told of', 'state', 'waiting', 'given up', 'id'],
          items.map((webhook) => [
            webhook.url,
            webhook.events.join(','),
            webhook.enabled ? 'enabled' : 'disabled',
            String(webhook.pending),
            String(webhook.dead),
            webhook.id,
          ]),
        ),
  );
  return done;
}

/** `masque-vpn admin webhook add URL` */
export async function addWebhook(
  url: string,
  { events }: WebhookFlags,
  { api, print }: AdminTools,
): Promise<CommandResult> {
  const body = { url, events };
  const answer = await api.call('POST', apiPath('webhooks'), WebhookSecretModel, { body });
  if (!answer.ok) return answer;
  print(
    answer.value,
    ({ webhook, secret }) => `${webhook.url} is told of ${webhook.events.join(', ')}.\n${secretText(secret)}`,
  );
  return done;
}

/** `masque-vpn admin webhook set ID`, also for `enable` and `disable`. */
export async function setWebhook(
  id: string,
  flags: WebhookFlags & { readonly enabled?: boolean },
  { api, print }: AdminTools,
): Promise<CommandResult> {
  const { events, url, enabled } = flags;
  const answer = await api.call('PATCH', apiPath('webhooks', id), WebhookModel, {
    body: { events, url, enabled },
  });
  if (!answer.ok) return answer;
  print(answer.value, (webhook) =>
    webhook.enabled
      ? `${webhook.url} is told of ${webhook.events.join(', ')}.\n`
      : `${webhook.url} is told of nothing until it is enabled.\n`,
  );
  return done;
}

/** `masque-vpn admin webhook delete ID` */
export async function deleteWebhook(id: string, { api, print, confirm }: AdminTools): Promise<CommandResult> {
  const sure = await confirm('Delete the webhook, with what is not delivered yet?');
  if (!sure.ok) return sure;
  const answer = await api.call('DELETE', apiPath('webhooks', id), z.null());
  if (!answer.ok) return answer;
  print({ removed: id }, () => 'The webhook is removed.\n');
  return done;
}

/** `masque-vpn admin webhook secret ID` */
export async function renewSecret(id: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('POST', apiPath('webhooks', id, 'secret'), WebhookSecretModel);
  if (!answer.ok) return answer;
  print(answer.value, ({ secret }) => secretText(secret));
  return done;
}

/** `masque-vpn admin webhook test ID` */
export async function testWebhook(id: string, { api, print }: AdminTools): Promise<CommandResult> {
  const answer = await api.call('POST', apiPath('webhooks', id, 'test'), WebhookTestModel);
  if (!answer.ok) return answer;
  const { delivered, status, error } = answer.value;
  if (!delivered) {
    const reason = error ?? `HTTP status ${status}`;
    return commandFailed('ADMIN_WEBHOOK_UNDELIVERED', `The test was not delivered: ${reason}.`);
  }
  print(answer.value, () => `The test was delivered, and answered with HTTP status ${status}.\n`);
  return done;
}

/** `masque-vpn admin webhook deliveries ID` */
export async function listDeliveries(
  id: string,
  { limit }: { readonly limit: number },
  { api, print }: AdminTools,
): Promise<CommandResult> {
  const answer = await api.list(apiPath('webhooks', id, 'deliveries'), DeliveryModel, {}, limit);
  if (!answer.ok) return answer;
  print({ items: answer.value }, ({ items }) =>
    items.length === 0
      ? 'Nothing was delivered yet.\n'
      : table(
          ['event', 'state', 'attempts', 'created', 'next attempt', 'last error'],
          items.map((delivery) => [
            delivery.event,
            delivery.state,
            String(delivery.attempts),
            instant(delivery.createdAtMs),
            delivery.nextAttemptAtMs === null ? '-' : instant(delivery.nextAttemptAtMs),
            delivery.lastError ?? '',
          ]),
        ),
  );
  return done;
}

function secretText(secret: string): string {
  return `Everything it is told is signed with this secret, which is not shown again:\n  ${secret}\n`;
}
