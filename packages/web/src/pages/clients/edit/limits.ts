import type { Model } from '../../../api/client.js';

export type Limits = Model<'ClientLimits'>;

export const limitFields = [
  'rateDown',
  'rateUp',
  'quota',
  'maxSessions',
  'fixedIpv4',
  'fixedIpv6',
  'routes',
  'dnsServers',
  'searchDomains',
] as const;
export type LimitField = (typeof limitFields)[number];

/** Octets per second of one megabit per second. */
const megabit = 125_000;
const gigabyte = 1_000_000_000;

const numberText = (value: number | null, unit: number): string =>
  value === null ? '' : String(Number((value / unit).toPrecision(12)));

/** Limits as they are typed: megabits per second, gigabytes, one prefix a line. */
export function limitTexts(limits: Limits): Record<LimitField, string> {
  return {
    rateDown: numberText(limits.rateDownBytesPerSecond, megabit),
    rateUp: numberText(limits.rateUpBytesPerSecond, megabit),
    quota: numberText(limits.monthlyQuotaBytes, gigabyte),
    maxSessions: numberText(limits.maxSessions, 1),
    fixedIpv4: limits.fixedIpv4 ?? '',
    fixedIpv6: limits.fixedIpv6 ?? '',
    routes: (limits.routes ?? []).join('\n'),
    dnsServers: (limits.dns?.servers ?? []).join('\n'),
    searchDomains: (limits.dns?.searchDomains ?? []).join('\n'),
  };
}

/** The changes of `names`, as the API takes them; what is empty is left to the groups. */
export function limitChange(
  texts: Readonly<Record<LimitField, string>>,
  names: readonly LimitField[],
): Partial<Limits> {
  const number = (text: string, unit: number): number | null =>
    text.trim() === '' ? null : Math.round(Number(text) * unit);
  const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());
  const routes = words(texts.routes);
  const servers = words(texts.dnsServers);
  const searchDomains = words(texts.searchDomains);
  const dns = servers.length + searchDomains.length === 0 ? null : { servers, searchDomains };
  const parts: Readonly<Record<LimitField, Partial<Limits>>> = {
    rateDown: { rateDownBytesPerSecond: number(texts.rateDown, megabit) },
    rateUp: { rateUpBytesPerSecond: number(texts.rateUp, megabit) },
    quota: { monthlyQuotaBytes: number(texts.quota, gigabyte) },
    maxSessions: { maxSessions: number(texts.maxSessions, 1) },
    fixedIpv4: { fixedIpv4: orNull(texts.fixedIpv4) },
    fixedIpv6: { fixedIpv6: orNull(texts.fixedIpv6) },
    routes: { routes: routes.length === 0 ? null : routes },
    // Both are one value of the API.
    dnsServers: { dns },
    searchDomains: { dns },
  };
  return names.reduce<Partial<Limits>>((sum, name) => ({ ...sum, ...parts[name] }), {});
}

/** What stands on lines, or between commas and spaces. */
function words(text: string): string[] {
  return text.split(/[\s,;，、]+/).filter((word) => word !== '');
}
