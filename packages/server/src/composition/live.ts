import type { Pools } from '../addressing/pools.js';
import { EventStreams } from '../events/eventStreams.js';
import type { LiveFeed } from '../events/feed.js';
import { logEvents } from '../events/logEvents.js';
import { meter } from '../events/meter.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Clock } from '../process/clock.js';
import type { LogRing } from '../process/logRing.js';
import type { Store } from '../store/store.js';

export interface LiveParts {
  readonly feed: LiveFeed;
  readonly logs: LogRing;
  readonly metrics: Metrics;
  readonly pools: Pools;
  readonly store: Pick<Store, 'onAudited'>;
  readonly clock: Clock;
}

/** What listeners of the API hear, and their streams. */
export interface Live extends Disposable {
  readonly streams: EventStreams;
}

export function composeLive({ feed, logs, metrics, pools, store, clock }: LiveParts): Live {
  const sources = [meter({ feed, metrics, pools, clock }), logEvents(feed, logs)];
  const streams = new EventStreams({ feed, clock, sources });
  const audited = store.onAudited(({ uuid, at, actor, action, targetKind, target, detail }) => {
    const { kind, name, remoteAddress } = actor;
    feed.publish({
      topic: 'audit',
      type: 'audit.added',
      ...(targetKind === 'client' ? { clientId: target } : {}),
      data: {
        ...{ id: uuid, atMs: at, actor: { kind, name, remoteAddress } },
        ...{ action, target: { kind: targetKind, id: target }, detail },
      },
    });
  });
  return {
    streams,
    [Symbol.dispose]: () => {
      audited[Symbol.dispose]();
      streams[Symbol.dispose]();
    },
  };
}
