import { createHmac, randomBytes } from 'node:crypto';

/** Secrets are shown and given this way (Standard Webhooks). */
const prefix = 'whsec_';

/** A new secret: `whsec_` and 32 random bytes in base64. */
export function newWebhookSecret(): string {
  return prefix + randomBytes(32).toString('base64');
}

/**
 * The headers that prove a delivery: HMAC-SHA256 over `ID.TIMESTAMP.BODY` (Standard Webhooks 1.0). Receivers compare in
 * constant time, refuse timestamps that are minutes away, and remember ids to recognise a repetition.
 *
 * @param now UTC milliseconds
 */
export function signatureHeaders(
  secret: string,
  delivery: { readonly id: string; readonly body: string },
  now: number,
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(Math.floor(now / 1_000));
  const key = Buffer.from(secret.startsWith(prefix) ? secret.slice(prefix.length) : secret, 'base64');
  const signature = createHmac('sha256', key)
    .update(`${delivery.id}.${timestamp}.${delivery.body}`)
    .digest('base64');
  return {
    'webhook-id': delivery.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
