import type { ClientLimits } from '../store/clients.js';
import type { GroupRecord } from '../store/groups.js';
import type { PushedDns } from '../store/pushedDns.js';

/** What holds for a client: its own limit, else that of the first of its groups (by slug) that sets one. */
export interface EffectiveLimits {
  readonly rateUp: number | null;
  readonly rateDown: number | null;
  readonly monthlyQuota: number | null;
  readonly maxSessions: number | null;
  /** Prefixes; null: the server's. */
  readonly routes: readonly string[] | null;
  readonly dns: PushedDns | null;
}

/** @param groups in order of slug */
export function effectiveLimits(
  client: Omit<ClientLimits, 'fixedIpv4' | 'fixedIpv6'>,
  groups: readonly GroupRecord[],
): EffectiveLimits {
  const inherit = <Name extends keyof EffectiveLimits>(name: Name): EffectiveLimits[Name] => {
    if (client[name] !== null) return client[name];
    return groups.find((group) => group[name] !== null)?.[name] ?? null;
  };
  return {
    rateUp: inherit('rateUp'),
    rateDown: inherit('rateDown'),
    monthlyQuota: inherit('monthlyQuota'),
    maxSessions: inherit('maxSessions'),
    routes: inherit('routes'),
    dns: inherit('dns'),
  };
}
