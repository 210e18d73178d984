import type { ClientRecord } from '../store/clients.js';

/** A client that may connect and has nothing of its own; named alice unless told otherwise. */
export function clientRecord(changed: Partial<ClientRecord> = {}): ClientRecord {
  return {
    uuid: 'uuid-of-alice',
    slug: 'alice',
    displayName: 'alice',
    note: null,
    owner: null,
    enabled: true,
    createdAt: 0,
    updatedAt: 0,
    expiresAt: null,
    version: 1,
    rateUp: null,
    rateDown: null,
    monthlyQuota: null,
    maxSessions: null,
    fixedIpv4: null,
    fixedIpv6: null,
    routes: null,
    dns: null,
    ...changed,
  };
}
