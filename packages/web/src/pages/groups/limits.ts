import type { Model } from '../../api/client.js';
import {
  isDnsName,
  parseAddress,
  parsePrefixList,
  partsOf,
  type PrefixMistake,
} from '../../domain/address.js';

export type GroupLimits = Model<'GroupLimits'>;

export const limitFields = [
  'rateDown',
  'rateUp',
  'sharedRateDown',
  'sharedRateUp',
  'quota',
  'maxSessions',
  'routes',
  'dnsServers',
  'searchDomains',
] as const;
export type LimitField = (typeof limitFields)[number];
export type LimitTexts = Record<LimitField, string>;

/** What is wrong with a field; `text` is the part that is. */
export type LimitMistake =
  | { readonly code: 'notANumber' | 'tooSlow' | 'tooManySessions' }
  | { readonly code: 'notAnAddress' | 'notADomain'; readonly text: string }
  | ({ readonly text: string } & PrefixMistake);

/** Octets per second of one megabit per second. */
const megabit = 125_000;
const gigabyte = 1_000_000_000;
/** Octets per second below which nothing useful passes: the API takes no less. */
const slowest = 1_000;

/** Limits as they are typed: megabits per second, gigabytes, one prefix a line; empty: no limit. */
export function limitTexts(limits: GroupLimits): LimitTexts {
  return {
    rateDown: numberText(limits.rateDownBytesPerSecond, megabit),
    rateUp: numberText(limits.rateUpBytesPerSecond, megabit),
    sharedRateDown: numberText(limits.sharedRateDownBytesPerSecond, megabit),
    sharedRateUp: numberText(limits.sharedRateUpBytesPerSecond, megabit),
    quota: numberText(limits.monthlyQuotaBytes, gigabyte),
    maxSessions: numberText(limits.maxSessions, 1),
    routes: (limits.routes ?? []).join('\n'),
    dnsServers: (limits.dns?.servers ?? []).join('\n'),
    searchDomains: (limits.dns?.searchDomains ?? []).join('\n'),
  };
}

/** What is wrong with each field. */
export function limitMistakes(texts: Readonly<LimitTexts>): Partial<Record<LimitField, LimitMistake>> {
  const routes = parsePrefixList(texts.routes);
  const servers = partsOf(texts.dnsServers);
  const noAddress = servers.find((text) => parseAddress(text) === null);
  const noDomain = partsOf(texts.searchDomains).find((text) => !isDnsName(text));
  const found: Record<LimitField, LimitMistake | null> = {
    rateDown: rateMistake(texts.rateDown),
    rateUp: rateMistake(texts.rateUp),
    sharedRateDown: rateMistake(texts.sharedRateDown),
    sharedRateUp: rateMistake(texts.sharedRateUp),
    quota: numberOf(texts.quota) === undefined ? { code: 'notANumber' } : null,
    maxSessions: sessionsMistake(texts.maxSessions),
    routes: routes.ok ? null : { text: routes.text, ...routes.mistake },
    dnsServers: noAddress === undefined ? null : { code: 'notAnAddress', text: noAddress },
    searchDomains: noDomain === undefined ? null : { code: 'notADomain', text: noDomain },
  };
  return Object.fromEntries(Object.entries(found).filter(([, mistake]) => mistake !== null));
}

/** The changes of `names`, as the API takes them; what is empty is no limit. */
export function limitChange(texts: Readonly<LimitTexts>, names: readonly LimitField[]): Partial<GroupLimits> {
  const rate = (text: string): number | null => scaled(text, megabit);
  const routes = parsePrefixList(texts.routes);
  const prefixes = routes.ok ? [...routes.prefixes] : [];
  const servers = [...partsOf(texts.dnsServers)];
  const searchDomains = [...partsOf(texts.searchDomains)];
  const dns = servers.length + searchDomains.length === 0 ? null : { servers, searchDomains };
  const parts: Readonly<Record<LimitField, Partial<GroupLimits>>> = {
    rateDown: { rateDownBytesPerSecond: rate(texts.rateDown) },
    rateUp: { rateUpBytesPerSecond: rate(texts.rateUp) },
    sharedRateDown: { sharedRateDownBytesPerSecond: rate(texts.sharedRateDown) },
    sharedRateUp: { sharedRateUpBytesPerSecond: rate(texts.sharedRateUp) },
    quota: { monthlyQuotaBytes: scaled(texts.quota, gigabyte) },
    maxSessions: { maxSessions: scaled(texts.maxSessions, 1) },
    routes: { routes: prefixes.length === 0 ? null : prefixes },
    // Both are one value of the API.
    dnsServers: { dns },
    searchDomains: { dns },
  };
  return names.reduce<Partial<GroupLimits>>((sum, name) => ({ ...sum, ...parts[name] }), {});
}

function numberText(value: number | null, unit: number): string {
  return value === null ? '' : String(Number((value / unit).toPrecision(12)));
}

/** Null: nothing was typed; undefined: no number. */
function numberOf(text: string): number | null | undefined {
  const typed = text.trim().replace(',', '.');
  if (typed === '') return null;
  return /^\d+(\.\d+)?$/.test(typed) ? Number(typed) : undefined;
}

function scaled(text: string, unit: number): number | null {
  const number = numberOf(text);
  return number === null || number === undefined ? null : Math.round(number * unit);
}

function rateMistake(text: string): LimitMistake | null {
  const number = numberOf(text);
  if (number === undefined) return { code: 'notANumber' };
  return number !== null && number * megabit < slowest ? { code: 'tooSlow' } : null;
}

function sessionsMistake(text: string): LimitMistake | null {
  const number = numberOf(text);
  if (number === undefined) return { code: 'notANumber' };
  if (number === null) return null;
  return Number.isInteger(number) && number >= 1 && number <= 10_000 ? null : { code: 'tooManySessions' };
}
