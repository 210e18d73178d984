import type { ClientLimitsModel, GroupLimitsModel } from '@masque-vpn/server/models';
import { commandFailed, type CommandResult } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';
import { bitRate, bytes } from '../output/units.js';

/** Options about limits, as parsed; null: not set here (`inherit`). */
export interface LimitFlags {
  readonly rateUp?: number | null;
  readonly rateDown?: number | null;
  readonly quota?: number | null;
  readonly maxSessions?: number | null;
  readonly routes?: readonly string[] | null;
  readonly dns?: readonly string[] | null;
  readonly searchDomains?: readonly string[];
  /** Of a client. */
  readonly ipv4?: string | null;
  readonly ipv6?: string | null;
  /** Of a group. */
  readonly sharedRateUp?: number | null;
  readonly sharedRateDown?: number | null;
}

/** The change that the options ask for; undefined where there is none. Fails with CLI_INVALID_ARGUMENT. */
export function limitChange(flags: LimitFlags): CommandResult<Record<string, unknown> | undefined> {
  const { dns, searchDomains } = flags;
  if (searchDomains !== undefined && (dns === undefined || dns === null)) {
    return commandFailed('CLI_INVALID_ARGUMENT', '--search-domains needs --dns.', exitCodes.usage);
  }
  const change = {
    rateUpBytesPerSecond: flags.rateUp,
    rateDownBytesPerSecond: flags.rateDown,
    monthlyQuotaBytes: flags.quota,
    maxSessions: flags.maxSessions,
    routes: flags.routes,
    dns: dns === undefined || dns === null ? dns : { servers: dns, searchDomains: searchDomains ?? [] },
    fixedIpv4: flags.ipv4,
    fixedIpv6: flags.ipv6,
    sharedRateUpBytesPerSecond: flags.sharedRateUp,
    sharedRateDownBytesPerSecond: flags.sharedRateDown,
  };
  const named = Object.entries(change).filter(([, value]) => value !== undefined);
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
