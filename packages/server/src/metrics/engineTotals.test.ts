import { dropReasons } from '@masque-vpn/engine';
import { describe, expect, test } from 'vitest';
import { StubMetrics } from '../testing/stubMetrics.js';

describe('the audit of packets', () => {
  test('is the engine’s: the counters of a snapshot are not of one moment', () => {
    const stub = new StubMetrics();
    Object.assign(stub.engine.totals, { inboundReceived: 100, inboundForwarded: 60, outboundQueued: 12 });
    expect(stub.scrape('packets_unaccounted', { direction: 'inbound' })).toBe(0);
    expect(stub.scrape('packets_unaccounted', { direction: 'outbound' })).toBe(0);
    expect(stub.scrape('packets_queued', { direction: 'outbound' })).toBe(12);
  });

  test.each(['inbound', 'outbound'] as const)(
    'shows a lost packet %s, and one counted twice',
    (direction) => {
      const stub = new StubMetrics();
      stub.engine.totals[`${direction}Unaccounted`] = 1;
      expect(stub.scrape('packets_unaccounted', { direction })).toBe(1);
      stub.engine.totals[`${direction}Unaccounted`] = -1;
      expect(stub.scrape('packets_unaccounted', { direction })).toBe(-1);
    },
  );
});

test('each drop shows with its direction and the engine’s reason', () => {
  const stub = new StubMetrics();
  for (const [index, reason] of dropReasons.entries()) {
    stub.engine.totals[`inboundDrops.${reason}`] = 1 + index;
    stub.engine.totals[`outboundDrops.${reason}`] = 100 + index;
  }
  for (const [index, reason] of dropReasons.entries()) {
    expect(stub.scrape('engine_drops_total', { direction: 'inbound', reason })).toBe(1 + index);
    expect(stub.scrape('engine_drops_total', { direction: 'outbound', reason })).toBe(100 + index);
  }
});

test('an offload shows while it is in use', () => {
  const stub = new StubMetrics();
  stub.engine.totals['offloads.udpSegmentation'] = 1;
  expect(stub.scrape('engine_offload', { offload: 'udpSegmentation' })).toBe(1);
  expect(stub.scrape('engine_offload', { offload: 'tunUdp' })).toBe(0);
  stub.engine.totals['offloads.udpSegmentation'] = 0;
  expect(stub.scrape('engine_offload', { offload: 'udpSegmentation' })).toBe(0);
});

test('handshakes of strangers count by outcome, and their duration with its sum', () => {
  const stub = new StubMetrics();
  stub.engine.totals['handshakes.timedOut'] = 4;
  stub.engine.totals['handshakeDuration<=0.01s'] = 2;
  stub.engine.totals['handshakeDuration>1s'] = 1;
  stub.engine.totals.handshakeSecondsTotal = 1.75;
  expect(stub.scrape('handshakes_total', { outcome: 'timedOut' })).toBe(4);
  expect(stub.scrape('handshake_duration_seconds_bucket', { le: '0.01' })).toBe(2);
  expect(stub.scrape('handshake_duration_seconds_count')).toBe(3);
  expect(stub.scrape('handshake_duration_seconds_sum')).toBe(1.75);
});

test('a request that the engine refused by itself counts with its reason and status', () => {
  const stub = new StubMetrics();
  stub.engine.totals.requestsMalformed = 3;
  stub.engine.totals.requestsOverflowed = 2;
  const refusals = (reason: string, status: string) =>
    stub.scrape('admission_refusals_total', { reason, status });
  expect(refusals('REQUEST_MALFORMED', '400')).toBe(3);
  expect(refusals('ENGINE_OVERLOADED', '503')).toBe(2);
});

test('what workers give to each other counts by kind, and what they lost', () => {
  const stub = new StubMetrics();
  Object.assign(stub.engine.totals, { datagramsHandedOver: 5, framesHandedOver: 3, packetsHandedOver: 2 });
  stub.engine.totals.datagramsHandoverLost = 4;
  const kinds = ['datagrams', 'frames', 'packets'];
  expect(kinds.map((kind) => stub.scrape('worker_handovers_total', { kind }))).toEqual([5, 3, 2]);
  expect(stub.scrape('worker_handover_datagrams_lost_total')).toBe(4);
});
