/** What webhooks can be told of. */
export const webhookEvents = [
  'session.connected',
  'session.disconnected',
  /** A known client got no tunnel; of one that asks again and again only some. */
  'session.refused',
  'client.quotaExceeded',
  /** Some days before the end of the client's time, once. */
  'client.expiring',
  /** Some days before a client's last certificate expires, once: it has not renewed itself. */
  'certificate.expiring',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** Sent on demand, whatever a webhook is told of. */
export const testEvent = 'webhook.test';
