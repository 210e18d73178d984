import { ManualClock } from '@masque-vpn/engine/fake';
import { expect, test } from 'vitest';
import { noTraffic } from '../metrics/rows.js';
import type { LiveEventInput } from './liveEvent.js';
import { meter } from './meter.js';

test('a sample a second of what grew since the one before, until nobody listens', () => {
  const clock = new ManualClock();
  const published: LiveEventInput[] = [];
  const traffic = { ...noTraffic };
  let [refusals, reads] = [0, 0];
  const usage = { total: 10, used: 3, quarantined: 1, available: 7 };
  const source = meter({
    feed: { publish: (event) => published.push(event) },
    metrics: {
      read: () => {
        reads += 1;
      },
      activeConnections: 4,
      get totalTraffic() {
        return { ...traffic };
      },
      get totalRefusals() {
        return refusals;
      },
    },
    pools: { usage: () => ({ ipv4: usage, ipv6: usage }), expire: () => [] },
    clock,
  });
  const running = source.start();
  Object.assign(traffic, {
    bytesSent: 5_000,
    bytesReceived: 1_000,
    packetsSent: 50,
    dropsSending: 3,
    dropsReceiving: 4,
  });
  refusals = 2;
  clock.advance(1_000);
  clock.advance(1_000);
  running[Symbol.dispose]();
  clock.advance(10_000);
  expect(published.map(({ data }) => data)).toEqual([
    {
      openSessions: 4,
      bytesSentPerSecond: 5_000,
      bytesReceivedPerSecond: 1_000,
      packetsSentPerSecond: 50,
      packetsReceivedPerSecond: 0,
      dropsPerSecond: 7,
      refusalsPerSecond: 2,
      pool: { ipv4: { total: 10, used: 3, available: 7 }, ipv6: { used: 3 } },
    },
    expect.objectContaining({ bytesSentPerSecond: 0, dropsPerSecond: 0, refusalsPerSecond: 0 }),
  ]);
  expect([reads, clock.pending]).toEqual([3, 0]);
});
