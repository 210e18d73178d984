import type { Model } from '../../api/client.js';

/** What a client is, the most telling first. */
export type ClientStateName = 'disabled' | 'expired' | 'online' | 'notEnrolled' | 'offline';

export function clientState(
  {
    enabled,
    expiresAtMs,
    openSessions,
    certificates,
    lastConnectedAtMs,
  }: Pick<Model<'Client'>, 'enabled' | 'expiresAtMs' | 'openSessions' | 'certificates' | 'lastConnectedAtMs'>,
  nowMs: number,
): ClientStateName {
  if (!enabled) return 'disabled';
  if (expiresAtMs !== null && expiresAtMs <= nowMs) return 'expired';
  if (openSessions > 0) return 'online';
  // Whoever comes with a token of its own has no certificate, but was here.
  return certificates.length === 0 && lastConnectedAtMs === null ? 'notEnrolled' : 'offline';
}
