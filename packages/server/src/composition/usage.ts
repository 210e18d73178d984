import type { Logger } from 'pino';
import type { ClientDirectory } from '../clients/directory.js';
import type { Metrics } from '../metrics/metrics.js';
import type { AccessControl } from '../policy/access.js';
import type { PolicyBook } from '../policy/book.js';
import type { Clock } from '../process/clock.js';
import { openOf } from '../sessions/livePolicy.js';
import type { SessionObserver } from '../sessions/observer.js';
import type { Sessions } from '../sessions/sessions.js';
import type { Store } from '../store/store.js';
import { Usage } from '../usage/usage.js';

export interface UsageParts {
  readonly store: Store;
  readonly directory: Pick<ClientDirectory, 'findByUuid' | 'all'>;
  readonly book: Pick<PolicyBook, 'groups'>;
  readonly metrics: Pick<Metrics, 'read' | 'trafficOf'>;
  readonly accessControl: Pick<AccessControl, 'limitsOf'>;
  /** Made after this, as they ask it for admission. */
  readonly sessions: () => Pick<Sessions, 'table' | 'end'>;
  /** Bytes of this month so far, by client. */
  readonly bytesOfMonth: ReadonlyMap<string, number>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What clients move, measured by the engine's counters; whose quota is used up loses its sessions. */
export function composeUsage(parts: UsageParts): Usage {
  const { store, directory, metrics, accessControl, sessions, clock, logger } = parts;
  const usage = new Usage({
    store,
    clock,
    logger,
    hasQuotas: () => hasQuotas(parts),
    quotaOf: (clientUuid) => accessControl.limitsOf(clientUuid).monthlyQuota,
    measure: () => {
      metrics.read();
      return openOf(sessions().table.placed()).map(({ session }) => {
        const traffic = metrics.trafficOf(session.id);
        return {
          sessionUuid: session.uuid,
          clientUuid: session.client.uuid,
          clientSlug: session.client.slug,
          counters: {
            bytesIn: traffic.bytesReceived,
            bytesOut: traffic.bytesSent,
            packetsIn: traffic.packetsReceived,
            packetsOut: traffic.packetsSent,
          },
        };
      });
    },
    onExceeded: (clientUuid) => {
      const client = directory.findByUuid(clientUuid);
      logger.warn({ clientId: client?.slug, reason: 'QUOTA_EXCEEDED' }, 'the monthly quota is used up');
      for (const session of sessions().table.ofClient(clientUuid)) sessions().end(session, 'QUOTA_EXCEEDED');
    },
  });
  usage.learn(parts.bytesOfMonth);
  return usage;
}

function hasQuotas({ book, directory }: UsageParts): boolean {
  if (book.groups.some(({ monthlyQuota }) => monthlyQuota !== null)) return true;
  for (const { monthlyQuota } of directory.all()) if (monthlyQuota !== null) return true;
  return false;
}

/** Counts what a session moved between the last measure and its end. */
export function usageObserver(usage: Usage): SessionObserver {
  return {
    ended: (session, { bytesIn, bytesOut, packetsIn, packetsOut }) => {
      usage.ended({
        sessionUuid: session.uuid,
        clientUuid: session.client.uuid,
        clientSlug: session.client.slug,
        counters: { bytesIn, bytesOut, packetsIn, packetsOut },
      });
    },
  };
}
