import { formatAddress } from '@masque-vpn/protocol';
import type { SessionObserver } from '../sessions/observer.js';
import type { Publisher } from './feed.js';

/** Tells listeners of sessions. */
export function sessionEvents(feed: Publisher): SessionObserver {
  return {
    opened: ({ uuid, client, remoteAddress, startedAtMs, phase }) => {
      const addresses =
        phase.name === 'open' ? phase.leases.map(({ address }) => formatAddress(address)) : [];
      const data = { id: uuid, clientId: client.slug, remoteAddress, addresses, startedAtMs };
      feed.publish({
        topic: 'sessions',
        type: 'session.opened',
        clientId: client.slug,
        sessionId: uuid,
        data,
      });
    },
    ended: ({ uuid, client }, ending) => {
      const { endedAt, cause, code, bytesIn, bytesOut, packetsIn, packetsOut } = ending;
      const data = {
        ...{ id: uuid, clientId: client.slug, endedAtMs: endedAt, cause, code },
        ...{ bytesReceived: bytesIn, bytesSent: bytesOut },
        ...{ packetsReceived: packetsIn, packetsSent: packetsOut },
      };
      feed.publish({
        topic: 'sessions',
        type: 'session.ended',
        clientId: client.slug,
        sessionId: uuid,
        data,
      });
    },
    refused: ({ clientId, code, remoteAddress, atMs }) => {
      const data = { clientId, code, remoteAddress, atMs };
      feed.publish({ topic: 'sessions', type: 'session.refused', clientId, data });
    },
  };
}
