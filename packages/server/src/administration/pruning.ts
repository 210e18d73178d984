import type { Store } from '../store/store.js';

/** How long an idempotency key is good, milliseconds. */
export const idempotencyMs = 24 * 60 * 60_000;

/** Tokens that ended stay this long for whoever looks for them, milliseconds. */
const endedTokensMs = 90 * 24 * 60 * 60_000;

/** Forgets sessions, links, logins under way, tokens and idempotency keys that are good for nothing any more. */
export async function pruneLogins(
  store: Pick<Store, 'logins' | 'apiTokens' | 'idempotencyKeys'>,
  idleMs: number,
  now: number,
): Promise<void> {
  await store.logins.prune(now, now - idleMs);
  await store.apiTokens.prune(now - endedTokensMs);
  await store.idempotencyKeys.prune(now - idempotencyMs);
}
