import { dropReasons, handshakeOutcomes, processingBounds } from '@masque-vpn/engine';
import type { ManualClock } from '@masque-vpn/engine/fake';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RefusalCode } from '../admission/refusal.js';
import { StubMetrics } from '../testing/stubMetrics.js';
import type { StubCounters } from '../testing/stubCounters.js';
import { dropClassOf, dropsThatAreErrors } from './drops.js';
import type { Metrics } from './metrics.js';

const minute = 60_000;
const ignore = (): void => undefined;
const refusal = (code: RefusalCode, status: number) => ({ code, status });

let stub: StubMetrics;
let clock: ManualClock;
let engine: StubCounters;
let metrics: Metrics;

beforeEach(() => {
  stub = new StubMetrics();
  ({ clock, engine, metrics } = stub);
});

const scrape: StubMetrics['scrape'] = (name, labels) => stub.scrape(name, labels);
const admit: StubMetrics['admit'] = (...session) => stub.admit(...session);
const end: StubMetrics['end'] = (...session) => stub.end(...session);

describe('traffic', () => {
  const alice = { client_id: 'alice' };

  test('is the sum over a client’s sessions, and stays when one of them ends', () => {
    admit(1, 'alice');
    admit(2, 'alice');
    engine.sessions.set(1, { bytesSent: 100, packetsSent: 1, bytesReceived: 7, packetsReceived: 2 });
    engine.sessions.set(2, { bytesSent: 50, packetsSent: 5 });
    expect(scrape('bytes_sent_total', alice)).toBe(150);
    expect(scrape('packets_sent_total', alice)).toBe(6);
    expect(scrape('bytes_received_total', alice)).toBe(7);
    expect(scrape('packets_received_total', alice)).toBe(2);
    metrics.ended(engine.session(1), 'peerFinished', ignore);
    expect(scrape('bytes_sent_total', alice)).toBe(150);
    expect(engine.released).toEqual([1]);
  });

  test('between the last scrape and the end counts: the final row is read before it is released', () => {
    admit(1, 'alice');
    engine.sessions.set(1, { bytesSent: 100 });
    expect(scrape('bytes_sent_total', alice)).toBe(100);
    engine.sessions.set(1, { bytesSent: 170, packetsSent: 9 });
    const finals: number[] = [];
    metrics.ended(engine.session(1), 'peerFinished', ({ bytesSent }) => finals.push(bytesSent));
    clock.advance(50);
    expect(finals).toEqual([170]);
    expect(scrape('bytes_sent_total', alice)).toBe(170);
  });

  test('never goes backwards, not even when a row does', () => {
    admit(1, 'alice');
    engine.sessions.set(1, { bytesSent: 100 });
    expect(scrape('bytes_sent_total', alice)).toBe(100);
    engine.sessions.set(1, { bytesSent: 40 });
    expect(scrape('bytes_sent_total', alice)).toBe(100);
  });

  test('of many sessions that end together is settled by one snapshot', () => {
    let snapshots = 0;
    const counted = engine.snapshot.bind(engine);
    engine.snapshot = (into) => {
      snapshots += 1;
      counted(into);
    };
    for (let id = 1; id <= 100; id += 1) admit(id, 'alice');
    for (let id = 1; id <= 100; id += 1) metrics.ended(engine.session(id), 'peerFinished', ignore);
    clock.advance(50);
    expect(engine.released).toHaveLength(100);
    expect(snapshots).toBe(1);
  });
});

describe('a client’s series', () => {
  const duration = 'connection_duration_seconds_count';

  test('are kept for the retention after its last session, then vanish', () => {
    admit(1, 'alice');
    clock.advance(5_000);
    end(1);
    clock.advance(50);
    clock.advance(15 * minute - 1_000);
    expect(scrape(duration, { client_id: 'alice' })).toBe(1);
    clock.advance(2_000);
    metrics.read();
    expect(stub.text()).not.toContain('alice');
    expect(metrics.size).toEqual({ sessions: 0, connections: 0, clients: 0 });
  });

  test('stay as long as a session is open, however long', () => {
    admit(1, 'alice');
    clock.advance(60 * minute);
    expect(scrape('bytes_sent_total', { client_id: 'alice' })).toBe(0);
  });

  test('go on where they were when it comes back within the retention', () => {
    admit(1, 'alice');
    engine.sessions.set(1, { bytesSent: 100 });
    end(1);
    clock.advance(10 * minute);
    metrics.read();
    admit(2, 'alice', 2);
    engine.sessions.set(2, { bytesSent: 11 });
    clock.advance(10 * minute);
    expect(scrape('bytes_sent_total', { client_id: 'alice' })).toBe(111);
  });

  test('begin at 0 when it comes back later', () => {
    admit(1, 'alice');
    engine.sessions.set(1, { bytesSent: 100 });
    end(1);
    clock.advance(minute);
    metrics.read();
    clock.advance(16 * minute);
    metrics.read();
    admit(2, 'alice', 2);
    expect(scrape('bytes_sent_total', { client_id: 'alice' })).toBe(0);
  });
});

describe('connections', () => {
  test('are sessions: active while open, total for ever', () => {
    admit(1, 'alice');
    admit(2, 'bob', 2);
    expect(scrape('active_connections')).toBe(2);
    metrics.ended(engine.session(1), 'peerFinished', ignore);
    expect(scrape('active_connections')).toBe(1);
    expect(scrape('total_connections')).toBe(2);
  });

  test('last from admission to their end', () => {
    admit(1, 'alice');
    clock.advance(90_000);
    metrics.ended(engine.session(1), 'peerFinished', ignore);
    expect(scrape('connection_duration_seconds_sum', { client_id: 'alice' })).toBe(90);
    expect(scrape('connection_duration_seconds_bucket', { client_id: 'alice', le: '60' })).toBe(0);
    expect(scrape('connection_duration_seconds_bucket', { client_id: 'alice', le: '300' })).toBe(1);
  });
});

describe('streams', () => {
  const of = (client_id: string, stream_type: string) => ({ client_id, stream_type });

  test('that were opened before the client was known are credited to it', () => {
    engine.connection(1);
    engine.connections.set(1, { open: 1, unidirectionalStreams: 6, bidirectionalStreams: 1 });
    expect(scrape('quic_streams_total', of('_none', 'unidirectional'))).toBeNull();
    admit(1, 'alice');
    expect(scrape('quic_streams_total', of('alice', 'unidirectional'))).toBe(6);
    expect(scrape('quic_streams_total', of('alice', 'bidirectional'))).toBe(1);
  });

  test.each([true, false])('of a connection nobody was admitted on count once under _none', (atOnce) => {
    engine.releaseAtOnce = atOnce;
    const connection = engine.connection(1);
    engine.connections.set(1, {
      open: 0,
      unidirectionalStreams: 6,
      'streams<=5s': 6,
      streamSecondsTotal: 12,
    });
    for (let round = 0; round < 3; round += 1) {
      expect(scrape('quic_streams_total', of('_none', 'unidirectional'))).toBe(6);
    }
    metrics.connectionEnded(connection, 'unauthenticatedTimeout');
    expect(scrape('quic_streams_total', of('_none', 'unidirectional'))).toBe(6);
    expect(scrape('quic_stream_duration_seconds_count', { client_id: '_none' })).toBe(6);
    expect(scrape('quic_stream_duration_seconds_sum', { client_id: '_none' })).toBe(12);
    expect(metrics.size.connections).toBe(0);
  });

  test('fall into the reference’s buckets by their duration', () => {
    admit(1, 'alice');
    engine.connections.set(1, { open: 1, 'streams<=1s': 2, 'streams<=3600s': 1, 'streams>3600s': 4 });
    const bucket = (le: string) => scrape('quic_stream_duration_seconds_bucket', { client_id: 'alice', le });
    expect([bucket('1'), bucket('1800'), bucket('3600'), bucket('+Inf')]).toEqual([2, 2, 3, 7]);
  });
});

describe('requests', () => {
  test('are counted by outcome, those that the engine refused itself included', () => {
    admit(1, 'alice');
    metrics.refused(refusal('CERTIFICATE_MISSING', 401), clock.now());
    metrics.abandoned(clock.now());
    engine.totals.requestsMalformed = 3;
    engine.totals.requestsOverflowed = 1;
    expect(scrape('masque_requests_total', { method: 'CONNECT', status: 'success' })).toBe(1);
    expect(scrape('masque_requests_total', { method: 'CONNECT', status: 'failed' })).toBe(6);
    expect(scrape('masque_requests_total', { method: 'CONNECT', status: 'failed' })).toBe(6);
  });

  test('take the time from their HEADERS to the answer, never less than nothing', () => {
    admit(1, 'alice');
    expect(scrape('masque_request_duration_seconds_sum', { method: 'CONNECT' })).toBeCloseTo(0.003);
    metrics.refused(refusal('CERTIFICATE_MISSING', 401), clock.now() + 60_000);
    expect(scrape('masque_request_duration_seconds_sum', { method: 'CONNECT' })).toBeCloseTo(0.003);
    expect(scrape('masque_request_duration_seconds_count', { method: 'CONNECT' })).toBe(2);
  });
});

describe('packets', () => {
  test('dropped for any reason of the engine count under exactly one of the three', () => {
    for (const [index, reason] of dropReasons.entries()) {
      engine.totals[`inboundDrops.${reason}`] = 1 + index;
      engine.totals[`outboundDrops.${reason}`] = 100;
    }
    for (const dropClass of ['invalid', 'oversized', 'processing_error']) {
      const expected = dropReasons.reduce(
        (sum, reason, index) => sum + (dropClassOf[reason] === dropClass ? 101 + index : 0),
        0,
      );
      expect(scrape('packet_drops_total', { reason: dropClass })).toBe(expected);
    }
  });

  test('dropped by policy, by queues or as noise are no errors', () => {
    for (const reason of dropReasons) engine.totals[`inboundDrops.${reason}`] = 1;
    expect(scrape('errors_total', { error_type: 'packet' })).toBe(dropsThatAreErrors.length);
  });

  test('keep their processing time when its fine buckets become the reference’s', () => {
    for (const bound of processingBounds) engine.totals[`inboundProcessing<=${bound}s`] = 1;
    engine.totals['inboundProcessing>1s'] = 1;
    engine.totals.inboundProcessingSecondsTotal = 4.5;
    const bucket = (le: string) =>
      scrape('packet_processing_duration_seconds_bucket', { direction: 'inbound', le });
    const below = (bound: number): number => processingBounds.filter((fine) => fine <= bound).length;
    for (const bound of [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1])
      expect(bucket(String(bound))).toBe(below(bound));
    expect(bucket('+Inf')).toBe(processingBounds.length + 1);
    expect(scrape('packet_processing_duration_seconds_sum', { direction: 'inbound' })).toBe(4.5);
    expect(scrape('packet_processing_duration_seconds_count', { direction: 'outbound' })).toBe(0);
  });
});

describe('errors', () => {
  const errors = (error_type: string) => scrape('errors_total', { error_type });

  test('are counted by type', () => {
    metrics.refused(refusal('CERTIFICATE_EXPIRED', 403), clock.now());
    metrics.refused(refusal('POOL_EXHAUSTED', 503), clock.now());
    metrics.refused(refusal('TUN_DOWN', 503), clock.now());
    metrics.connectionEnded(engine.connection(1), 'protocolError');
    engine.totals['handshakes.certificateRefused'] = 2;
    expect([errors('auth'), errors('masque'), errors('tun'), errors('connection'), errors('packet')]).toEqual(
      [3, 1, 1, 1, 0],
    );
  });

  test('do not come from an Internet scan: handshakes without a credential, other paths, other protocols', () => {
    for (const outcome of handshakeOutcomes) {
      if (outcome !== 'certificateRefused') engine.totals[`handshakes.${outcome}`] = 1_000;
    }
    metrics.refused(refusal('REQUEST_PATH_UNKNOWN', 404), clock.now());
    metrics.refused(refusal('REQUEST_PROTOCOL_UNKNOWN', 501), clock.now());
    metrics.refused(refusal('REQUEST_METHOD_NOT_ALLOWED', 405), clock.now());
    const all = ['connection', 'packet', 'auth', 'tun', 'masque'].map(errors);
    expect(all).toEqual([0, 0, 0, 0, 0]);
  });
});

test('gauges are read at the scrape, uptime grows with a clock that never steps', () => {
  clock.advance(2_500);
  expect(scrape('server_uptime_seconds')).toBe(2.5);
  expect(scrape('ip_pool_total')).toBe(253);
  expect(scrape('ip_pool_used')).toBe(3);
  expect(scrape('ip_pool_available')).toBe(250);
  expect(scrape('tun_interface_status')).toBe(1);
});
