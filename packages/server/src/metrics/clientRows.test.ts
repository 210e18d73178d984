import { describe, expect, test } from 'vitest';
import { StubMetrics } from '../testing/stubMetrics.js';

const minute = 60_000;
const of = (client_id: string) => ({ client_id });

describe('beyond the ceiling', () => {
  test('a client counts under _other from its first packet', () => {
    const stub = new StubMetrics({ clientCeiling: 1 });
    stub.admit(1, 'alice', 1);
    expect(stub.text()).not.toContain('client_id="_other"');
    stub.admit(2, 'bob', 2);
    expect(stub.scrape('bytes_sent_total', of('_other'))).toBe(0);
    stub.engine.sessions.set(2, { open: 1, bytesSent: 70 });
    stub.admit(3, 'carol', 3);
    stub.engine.sessions.set(3, { open: 1, bytesSent: 5 });
    expect(stub.scrape('bytes_sent_total', of('_other'))).toBe(75);
    expect(stub.text()).not.toMatch(/bob|carol/);
    expect(stub.scrape('metric_clients', { series: 'own' })).toBe(1);
    expect(stub.scrape('metric_clients', { series: 'shared' })).toBe(2);
  });

  test('a client stays under _other until it is forgotten, and what it counted there stays', () => {
    const stub = new StubMetrics({ clientCeiling: 1 });
    stub.admit(1, 'alice', 1);
    stub.admit(2, 'bob', 2);
    stub.engine.sessions.set(2, { open: 1, bytesSent: 70 });
    stub.end(1, 1);
    stub.end(2, 2);
    stub.clock.advance(10 * minute);
    stub.admit(3, 'bob', 3);
    stub.clock.advance(6 * minute);
    expect(stub.text()).not.toMatch(/alice|bob/);
    stub.end(3, 3);
    stub.clock.advance(minute);
    stub.text();
    stub.clock.advance(15 * minute);
    stub.text();
    stub.admit(4, 'bob', 4);
    expect(stub.scrape('bytes_sent_total', of('bob'))).toBe(0);
    expect(stub.scrape('bytes_sent_total', of('_other'))).toBe(70);
  });

  test('with per_client off every client does, and _other is there from the start', () => {
    const stub = new StubMetrics({ perClient: false });
    expect(stub.scrape('packets_received_total', of('_other'))).toBe(0);
    stub.admit(1, 'alice');
    stub.end(1);
    expect(stub.scrape('connection_duration_seconds_count', of('_other'))).toBe(1);
    expect(stub.text()).not.toContain('alice');
  });
});

describe('a client that reconnects in a loop', () => {
  test('leaves nothing behind but one client, and its counters only grow', () => {
    const stub = new StubMetrics();
    let before = 0;
    for (let round = 1; round <= 200; round += 1) {
      stub.admit(round, 'alice', round);
      stub.engine.sessions.set(round, { open: 1, bytesSent: 10 });
      stub.engine.connections.set(round, { open: 1, bidirectionalStreams: 1 });
      stub.end(round, round);
      stub.clock.advance(200);
      const now = stub.scrape('bytes_sent_total', of('alice')) ?? -1;
      expect(now).toBe(before + 10);
      before = now;
    }
    expect(stub.metrics.size).toEqual({ sessions: 0, connections: 0, clients: 1 });
    expect(stub.scrape('quic_streams_total', { ...of('alice'), stream_type: 'bidirectional' })).toBe(200);
    expect(stub.scrape('session_ends_total', { cause: 'peerFinished' })).toBe(200);
  });

  test('of many names never takes more rows than the ceiling', () => {
    const stub = new StubMetrics({ clientCeiling: 10 });
    for (let round = 1; round <= 100; round += 1) {
      stub.admit(round, `client-${round}`, round);
      stub.end(round, round);
    }
    stub.clock.advance(50);
    stub.text();
    expect(stub.metrics.registry.clientCount).toBe(10);
    expect(stub.scrape('connection_duration_seconds_count', of('_other'))).toBe(90);
  });
});

test('a session shorter than a scrape interval still shows in an increase: its series outlive it', () => {
  const stub = new StubMetrics();
  stub.admit(1, 'alice');
  const atAdmission = stub.scrape('bytes_sent_total', of('alice'));
  stub.engine.sessions.set(1, { open: 1, bytesSent: 1_000 });
  stub.clock.advance(2_000);
  stub.end(1);
  stub.clock.advance(14 * minute);
  expect((stub.scrape('bytes_sent_total', of('alice')) ?? 0) - (atAdmission ?? 0)).toBe(1_000);
});
