import type { Token } from './queries.js';

/** What a token is good for now. */
export type TokenState = 'usable' | 'unused' | 'expired' | 'revoked';

export function stateOf(token: Token, nowMs: number): TokenState {
  if (token.revokedAtMs !== null) return 'revoked';
  if (token.expiresAtMs !== null && token.expiresAtMs <= nowMs) return 'expired';
  return token.lastUsedAtMs === null ? 'unused' : 'usable';
}

/** How long a new token is good. */
export const lifetimes = ['30', '90', '365', 'never'] as const;
export type Lifetime = (typeof lifetimes)[number];

const dayMs = 86_400_000;

/** When a token made now ends, UTC milliseconds; null: never. */
export function expiryOf(lifetime: Lifetime, nowMs: number): number | null {
  return lifetime === 'never' ? null : nowMs + Number(lifetime) * dayMs;
}
