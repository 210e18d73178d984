import type { Pools } from '../addressing/pools.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Clock, Timer } from '../process/clock.js';
import type { TopicSource } from './eventStreams.js';
import type { Publisher } from './feed.js';

export interface MeterOptions {
  readonly feed: Publisher;
  readonly metrics: Pick<Metrics, 'read' | 'activeConnections' | 'totalTraffic' | 'totalRefusals'>;
  readonly pools: Pick<Pools, 'usage' | 'expire'>;
  readonly clock: Clock;
}

const intervalMs = 1_000;

interface Reading {
  readonly atMs: number;
  readonly counters: Readonly<Record<Counter, number>>;
}
type Counter = 'bytesSent' | 'bytesReceived' | 'packetsSent' | 'packetsReceived' | 'drops' | 'refusals';

/** One sample a second of the whole server, for all listeners of the topic `metrics` together. */
export function meter(options: MeterOptions): TopicSource {
  return {
    topic: 'metrics',
    start: () => {
      let before = read(options);
      let timer: Timer;
      const tick = (): void => {
        const now = read(options);
        options.feed.publish({
          topic: 'metrics',
          type: 'metrics.sample',
          data: sampleOf(before, now, options),
        });
        before = now;
        timer = options.clock.after(intervalMs, tick);
      };
      timer = options.clock.after(intervalMs, tick);
      return { [Symbol.dispose]: () => timer.cancel() };
    },
  };
}

function read({ metrics, clock }: MeterOptions): Reading {
  metrics.read();
  const { bytesSent, bytesReceived, packetsSent, packetsReceived, dropsSending, dropsReceiving } =
    metrics.totalTraffic;
  const drops = dropsSending + dropsReceiving;
  return {
    atMs: clock.monotonic(),
    counters: {
      ...{ bytesSent, bytesReceived, packetsSent, packetsReceived },
      drops,
      refusals: metrics.totalRefusals,
    },
  };
}

/** Rates since the sample before. Sent: to clients; received: from them. */
function sampleOf(before: Reading, now: Reading, { metrics, pools, clock }: MeterOptions): unknown {
  const seconds = Math.max(0.001, (now.atMs - before.atMs) / 1_000);
  const rate = (name: Counter): number =>
    Math.max(0, Math.round(((now.counters[name] - before.counters[name]) / seconds) * 10) / 10);
  pools.expire(Math.trunc(clock.now()));
  const { ipv4, ipv6 } = pools.usage();
  return {
    openSessions: metrics.activeConnections,
    bytesSentPerSecond: rate('bytesSent'),
    bytesReceivedPerSecond: rate('bytesReceived'),
    packetsSentPerSecond: rate('packetsSent'),
    packetsReceivedPerSecond: rate('packetsReceived'),
    dropsPerSecond: rate('drops'),
    refusalsPerSecond: rate('refusals'),
    pool: {
      ipv4: { total: ipv4.total, used: ipv4.used, available: ipv4.available },
      ipv6: { used: ipv6.used },
    },
  };
}
