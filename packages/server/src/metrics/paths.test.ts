import { expect, test } from 'vitest';
import { StubMetrics } from '../testing/stubMetrics.js';

function sampled(
  connection: StubMetrics['engine']['connections'] extends Map<number, infer Row> ? Row : never,
) {
  const stub = new StubMetrics();
  stub.admit(1, 'alice', 1);
  stub.engine.connections.set(1, { open: 1, ...connection });
  stub.metrics.samplePaths();
  return stub;
}

test('a path is observed once for every open session on it', () => {
  const stub = sampled({ rttMicroseconds: 15_000, congestionWindowBytes: 20_000, pathMtu: 1_400 });
  stub.admit(2, 'alice', 1);
  stub.metrics.samplePaths();
  expect(stub.scrape('path_rtt_seconds_count')).toBe(3);
  expect(stub.scrape('path_rtt_seconds_sum')).toBeCloseTo(0.045);
  expect(stub.scrape('path_rtt_seconds_bucket', { le: '0.01' })).toBe(0);
  expect(stub.scrape('path_rtt_seconds_bucket', { le: '0.02' })).toBe(3);
  expect(stub.scrape('path_congestion_window_bytes_count')).toBe(3);
  expect(stub.scrape('path_mtu_bytes_bucket', { le: '1400' })).toBe(3);
});

test('a path without a session, and what the engine does not know yet, are not observed', () => {
  const stub = sampled({ pathMtu: 1_200 });
  expect(stub.scrape('path_rtt_seconds_count')).toBe(0);
  stub.end(1, 1);
  stub.clock.advance(50);
  stub.engine.connections.set(9, { open: 1, pathMtu: 1_200 });
  stub.metrics.samplePaths();
  expect(stub.scrape('path_mtu_bytes_count')).toBe(1);
});

test('loss is that since the last sample, and nothing where nothing was sent', () => {
  const stub = sampled({ packetsSent: 1_000, packetsLost: 0 });
  stub.metrics.samplePaths();
  expect(stub.scrape('path_loss_ratio_count')).toBe(1);
  stub.engine.connections.set(1, { open: 1, packetsSent: 1_100, packetsLost: 30 });
  stub.metrics.samplePaths();
  expect(stub.scrape('path_loss_ratio_count')).toBe(2);
  expect(stub.scrape('path_loss_ratio_sum')).toBeCloseTo(0.3);
});

test('sessions are counted by what congestion control does, until they end', () => {
  const stub = sampled({ congestionMode: 4, congestionRateBytesPerSecond: 1_000_000 });
  stub.admit(2, 'alice', 1);
  stub.metrics.samplePaths();
  expect(stub.scrape('path_congestion_mode', { mode: 'sharing' })).toBe(2);
  expect(stub.scrape('path_congestion_mode', { mode: 'alone' })).toBe(0);
  expect(stub.scrape('path_congestion_rate_bytes_per_second_sum')).toBe(3_000_000);
  stub.engine.connections.set(1, { open: 1, congestionMode: 2 });
  stub.metrics.samplePaths();
  expect(stub.scrape('path_congestion_mode', { mode: 'sharing' })).toBe(0);
  expect(stub.scrape('path_congestion_mode', { mode: 'alone' })).toBe(2);
});
