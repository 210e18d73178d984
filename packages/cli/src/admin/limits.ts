import type { ClientLimitsModel, GroupLimitsModel } from '@masque-vpn/server/models';
import { commandFailed, type CommandResult } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import { bitRate, bytes } from '../output/units.js';

/** Not set here. */
type Inherit = 'inherit';

/** Options about limits, as parsed. */
export interface LimitFlags {
  readonly rateUp?: number | Inherit;
  readonly rateDown?: number | Inherit;
  readonly quota?: number | Inherit;
  readonly maxSessions?: number | Inherit;
  readonly routes?: readonly string[] | Inherit;
  readonly dns?: readonly string[] | Inherit;
  readonly searchDomains?: readonly string[];
  /** Of a client. */
  readonly ipv4?: string;
  readonly ipv6?: string;
  /** Of a group. */
  readonly sharedRateUp?: number | Inherit;
  readonly sharedRateDown?: number | Inherit;
}

/** The change that the options ask for; undefined where there is none. Fails with CLI_INVALID_ARGUMENT. */
export function limitChange(flags: LimitFlags): CommandResult<Record<string, unknown> | undefined> {
  const { dns, searchDomains } = flags;
  if (searchDomains !== undefined && (dns === undefined || dns === 'inherit')) {
    return commandFailed('CLI_INVALID_ARGUMENT', '--search-domains needs --dns.', exitCodes.usage);
  }
  const change = {
    rateUpBytesPerSecond: flags.rateUp,
    rateDownBytesPerSecond: flags.rateDown,
    monthlyQuotaBytes: flags.quota,
    maxSessions: flags.maxSessions,
    routes: flags.routes,
    dns: dns === undefined || dns === 'inherit' ? dns : { servers: dns, searchDomains: searchDomains ?? [] },
    fixedIpv4: flags.ipv4,
    fixedIpv6: flags.ipv6,
    sharedRateUpBytesPerSecond: flags.sharedRateUp,
    sharedRateDownBytesPerSecond: flags.sharedRateDown,
  };
  const named = Object.entries(change)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, value === 'inherit' ? null : value] as const);
  return { ok: true, value: named.length === 0 ? undefined : Object.fromEntries(named) };
}

/** The limits that are set, for people; nothing for those that are inherited. */
export function limitFacts(
  limits: Partial<ClientLimitsModel & GroupLimitsModel>,
): (readonly [name: string, value: string])[] {
  const rate = (bytesPerSecond: number): string => bitRate(bytesPerSecond * 8);
  const lines: (readonly [string, string] | null)[] = [
    fact('rate up', limits.rateUpBytesPerSecond, rate),
    fact('rate down', limits.rateDownBytesPerSecond, rate),
    fact('rate up, shared', limits.sharedRateUpBytesPerSecond, rate),
    fact('rate down, shared', limits.sharedRateDownBytesPerSecond, rate),
    fact('quota', limits.monthlyQuotaBytes, (value) => `${bytes(value)} a month`),
    fact('sessions at most', limits.maxSessions, String),
    fact('fixed IPv4', limits.fixedIpv4, String),
    fact('fixed IPv6', limits.fixedIpv6, String),
    fact('routes', limits.routes, (value) => value.join(', ') || 'none'),
    fact('DNS', limits.dns, ({ servers, searchDomains }) =>
      [servers.join(', '), ...(searchDomains.length === 0 ? [] : [`for ${searchDomains.join(', ')}`])].join(
        ' ',
      ),
    ),
  ];
  return lines.filter((line) => line !== null);
}

function fact<T>(
  name: string,
  value: T | null | undefined,
  text: (value: T) => string,
): readonly [string, string] | null {
  return value === null || value === undefined ? null : [name, text(value)];
}
