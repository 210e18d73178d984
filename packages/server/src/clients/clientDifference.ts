import { isDeepStrictEqual } from 'node:util';
import type { AuditDetail } from '../store/audit.js';
import type { ClientChange, ClientRecord } from '../store/clients.js';

/** What of a change is one: the columns to write, and old and new values for the audit log. */
export interface ClientDifference {
  readonly change: ClientChange;
  readonly detail: Readonly<Record<string, AuditDetail>>;
}

/** Compares a change with the client as it is; a change to what is the case already is none. */
export function differenceOf(client: ClientRecord, wanted: ClientChange): ClientDifference {
  const change: Record<string, unknown> = {};
  const detail: Record<string, AuditDetail> = {};
  for (const [name, value] of Object.entries<ClientChange[keyof ClientChange]>(wanted)) {
    const before = client[name as keyof ClientChange];
    if (value === undefined || isDeepStrictEqual(before, value)) continue;
    change[name] = value;
    detail[name] = { from: toDetail(before), to: toDetail(value) };
  }
  return { change, detail };
}

/** What a client was made with, for the audit log. */
export function detailOf(
  made: ClientChange & { readonly groups: readonly string[] | null },
): Readonly<Record<string, AuditDetail>> {
  const { displayName, note, enabled, expiresAt, rateUp, rateDown, monthlyQuota, maxSessions } = made;
  const { fixedIpv4, fixedIpv6, routes, dns, groups } = made;
  const named = { displayName, note, enabled, expiresAt, rateUp, rateDown, monthlyQuota, maxSessions };
  const detail: Record<string, AuditDetail> = {};
  for (const [name, value] of Object.entries({ ...named, fixedIpv4, fixedIpv6, routes, dns, groups })) {
    if (value !== undefined && value !== null) detail[name] = toDetail(value);
  }
  return detail;
}

/** Addresses, names, numbers and lists of them are JSON as they are. */
function toDetail(value: ClientChange[keyof ClientChange] | undefined): AuditDetail {
  return value === undefined ? null : (value as AuditDetail);
}
