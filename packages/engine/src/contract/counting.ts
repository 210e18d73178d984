import { describe, expect, it } from 'vitest';
import type { ConnectionId, Engine, SessionId } from '../engine.js';
import { congestionModes, Snapshot, type ConnectionColumn, type SessionColumn } from '../snapshot.js';
import { capsule, openSession, proxyForwarding, takeCapsules, type Stage } from './party.js';

/** Rows and totals of the snapshot. */
export function describeCounting(stage: () => Stage): void {
  describe('snapshot', () => {
    it('has a row for each session and connection while they live', async () => {
      await using pair = await stage().connect();
      const session = await openSession(pair);
      await pair.server.events.next('mtuChanged');
      await pair.client.events.next('mtuChanged');
      for (const [engine, ids] of [
        [pair.server.engine, session.server],
        [pair.client.engine, session.client],
      ] as const) {
        const { row, snapshot } = sessionRow(engine, ids.sessionId);
        expect(row('connectionId')).toBe(ids.connectionId);
        expect(row('open')).toBe(1);
        expect(row('tunnelMtu')).toBeGreaterThan(1_000);
        expect(row('packetsSent')).toBe(0);
        // Path figures may lag until the next packet; a keep-alive at the latest.
        const received = (): number => connectionRow(engine, ids.connectionId).row('udpBytesReceived');
        await expect.poll(received, { timeout: 5_000 }).toBeGreaterThan(0);
        const connection = connectionRow(engine, ids.connectionId).row;
        expect(connection('open')).toBe(1);
        expect(connection('rttMicroseconds')).toBeGreaterThan(0);
        expect(connection('congestionWindowBytes')).toBeGreaterThan(0);
        expect(congestionModes[connection('congestionMode') - 1]).toBe('startup');
        expect(connection('pathMtu')).toBeGreaterThanOrEqual(1_200);
        expect(connection('packetsSent')).toBeGreaterThan(0);
        expect(connection('udpBytesSent')).toBeGreaterThan(0);
        expect(connection('bidirectionalStreams')).toBe(1);
        expect(connection('unidirectionalStreams')).toBeGreaterThanOrEqual(2);
        expect(snapshot.total('sessions')).toBe(1);
        expect(snapshot.total('connections')).toBe(1);
        expect(snapshot.total('tunOpen')).toBe(0);
      }
    });

    it('keeps the final rows until they are released', async () => {
      await using pair = await stage().connect();
      const { client, server } = pair;
      const session = await openSession(pair);
      const { connectionId, sessionId } = session.server;
      client.engine.finish(session.client.sessionId);
      await server.events.next('sessionClosed');
      await expect.poll(() => sessionRow(server.engine, sessionId).row('open')).toBe(0);
      const streams = connectionRow(server.engine, connectionId).row;
      await expect.poll(() => connectionRow(server.engine, connectionId).row('streams<=1s')).toBe(1);
      expect(streams('open')).toBe(1);
      client.engine.closeConnection(pair.connectionId, 0x0100, '');
      await server.events.next('connectionClosed');
      await expect.poll(() => connectionRow(server.engine, connectionId).row('open')).toBe(0);
      expect(sessionRow(server.engine, sessionId).snapshot).toMatchObject({
        sessionRows: 1,
        connectionRows: 1,
      });
      server.engine.releaseSession(sessionId);
      server.engine.releaseConnection(connectionId);
      server.engine.releaseConnection(connectionId);
      await expect
        .poll(() => connectionRow(server.engine, connectionId).snapshot)
        .toMatchObject({ sessionRows: 0, connectionRows: 0 });
      expect(connectionRow(server.engine, connectionId).snapshot.total('connections')).toBe(0);
    });

    it('does not release what is alive', async () => {
      await using pair = await stage().connect();
      const session = await openSession(pair);
      pair.server.engine.releaseSession(session.server.sessionId);
      pair.server.engine.releaseConnection(session.server.connectionId);
      pair.server.engine.sendCapsules(session.server.sessionId, [capsule(1)]);
      await takeCapsules(pair.client, session.client.sessionId, 1);
      expect(sessionRow(pair.server.engine, session.server.sessionId).row('open')).toBe(1);
      expect(connectionRow(pair.server.engine, session.server.connectionId).row('open')).toBe(1);
    });

    it('forgets connections that made no request by itself', async () => {
      await using pair = await stage().connect();
      pair.client.engine.closeConnection(pair.connectionId, 0x0100, '');
      await expect
        .poll(() => connectionRow(pair.server.engine, pair.connectionId).snapshot)
        .toMatchObject({ sessionRows: 0, connectionRows: 0 });
    });

    it('grows the columns for more rows than they hold', async () => {
      const { peerLimits } = stage().listenerOptions();
      const many = 100;
      await using pair = await stage().connect({
        peerLimits: { ...peerLimits, requestsPerConnection: many },
      });
      for (let host = 0; host < many; host += 1)
        await openSession(pair, { forwarding: proxyForwarding(host + 2) });
      const snapshot = new Snapshot();
      pair.server.engine.snapshot(snapshot);
      expect(snapshot.sessionRows).toBe(many);
      const ids = Array.from({ length: many }, (_, row) => snapshot.session(row, 'sessionId'));
      expect(new Set(ids).size).toBe(many);
      expect(ids.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
    });
  });
}

interface RowView<Column> {
  readonly snapshot: Snapshot;
  readonly row: (column: Column) => number;
}

function sessionRow(engine: Engine, id: SessionId): RowView<SessionColumn> {
  const snapshot = new Snapshot();
  engine.snapshot(snapshot);
  const rows = Array.from({ length: snapshot.sessionRows }, (_, row) => row);
  const found = rows.find((row) => snapshot.session(row, 'sessionId') === id) ?? -1;
  return { snapshot, row: (column) => (found < 0 ? Number.NaN : snapshot.session(found, column)) };
}

function connectionRow(engine: Engine, id: ConnectionId): RowView<ConnectionColumn> {
  const snapshot = new Snapshot();
  engine.snapshot(snapshot);
  const rows = Array.from({ length: snapshot.connectionRows }, (_, row) => row);
  const found = rows.find((row) => snapshot.connection(row, 'connectionId') === id) ?? -1;
  return { snapshot, row: (column) => (found < 0 ? Number.NaN : snapshot.connection(found, column)) };
}
