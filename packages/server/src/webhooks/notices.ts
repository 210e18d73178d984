import type { ClientDirectory } from '../clients/directory.js';
import { formatAddress } from '@masque-vpn/protocol';
import type { Clock } from '../process/clock.js';
import type { SessionObserver } from '../sessions/observer.js';
import type { Outbox } from './outbox.js';

/** What must not be said twice although it is long delivered: kept longer than any notice runs ahead. */
export const onceEvents = ['client.expiring', 'certificate.expiring', 'client.quotaExceeded'] as const;

/** Tells webhooks of sessions. */
export function sessionNotices(outbox: Pick<Outbox, 'emit'>, clock: Pick<Clock, 'now'>): SessionObserver {
  const quotaExceeded = (clientId: string): void => {
    const month = new Date(clock.now()).toISOString().slice(0, 7);
    outbox.emit('client.quotaExceeded', { clientId, month }, `${clientId} ${month}`);
  };
  return {
    opened: ({ uuid, client, remoteAddress, startedAtMs, phase }) => {
      const addresses =
        phase.name === 'open' ? phase.leases.map(({ address }) => formatAddress(address)) : [];
      const data = { sessionId: uuid, clientId: client.slug, remoteAddress, addresses, startedAtMs };
      outbox.emit('session.connected', data);
    },
    ended: ({ uuid, client, remoteAddress, startedAtMs }, ending) => {
      const { endedAt, cause, bytesIn, bytesOut } = ending;
      outbox.emit('session.disconnected', {
        ...{ sessionId: uuid, clientId: client.slug, remoteAddress, startedAtMs },
        ...{ endedAtMs: endedAt, cause, bytesReceived: bytesIn, bytesSent: bytesOut },
      });
      if (cause === 'QUOTA_EXCEEDED') quotaExceeded(client.slug);
    },
    refused: ({ clientId, code, remoteAddress, atMs }) => {
      outbox.emit('session.refused', { clientId, cause: code, remoteAddress, atMs });
      if (code === 'QUOTA_EXCEEDED') quotaExceeded(clientId);
    },
  };
}

/** Tells webhooks, once each, which clients and certificates end before `untilMs`. */
export function expiryNotices(
  outbox: Pick<Outbox, 'emit'>,
  directory: Pick<ClientDirectory, 'all' | 'lastExpiry'>,
  time: { readonly now: number; readonly untilMs: number },
): void {
  const { now, untilMs } = time;
  for (const { uuid, slug, enabled, expiresAt } of directory.all()) {
    if (!enabled || (expiresAt !== null && expiresAt <= now)) continue;
    if (expiresAt !== null && expiresAt <= untilMs) {
      const data = { clientId: slug, expiresAtMs: expiresAt };
      outbox.emit('client.expiring', data, `${uuid} ${expiresAt}`);
    }
    const last = directory.lastExpiry(uuid, now);
    if (last !== null && last <= untilMs) {
      outbox.emit('certificate.expiring', { clientId: slug, notAfterMs: last }, `${uuid} ${last}`);
    }
  }
}
