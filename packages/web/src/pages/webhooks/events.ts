import type { WebhookEvent } from './queries.js';

/** Everything a webhook can be told of. */
export const webhookEvents = [
  'session.connected',
  'session.disconnected',
  'session.refused',
  'client.quotaExceeded',
  'client.expiring',
  'certificate.expiring',
] as const satisfies readonly WebhookEvent[];

/** End of the key of an event's words. */
export function eventKey(event: string): string {
  return event.replace('.', '_');
}

/** The host that a webhook calls; paths and parameters often are secrets. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
