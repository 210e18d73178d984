import { describe, expect, it } from 'vitest';
import {
  capsule,
  openSession,
  plain,
  proxyForwarding,
  requestHeaders,
  responseHeaders,
  takeCapsules,
  value,
  type ConnectedPair,
  type Party,
  type Stage,
} from './party.js';

const ends = ['client', 'server'] as const;

/** How sessions, connections and engines end. */
export function describeEndings(stage: () => Stage): void {
  describe('endings', () => {
    it.each(ends)('finishes in order when the %s does, after its last capsules (CIP-1304)', async (end) => {
      await using pair = await stage().connect();
      const session = await openSession(pair);
      const { near, far } = sides(pair, end);
      const nearId = session[end].sessionId;
      const farId = session[end === 'client' ? 'server' : 'client'].sessionId;
      near.engine.sendCapsules(nearId, [capsule(30_000)]);
      near.engine.finish(nearId);
      expect(plain(await takeCapsules(far, farId, 1))).toEqual(plain([capsule(30_000)]));
      const seenFar = await far.events.next('sessionClosed');
      expect(seenFar).toMatchObject({ sessionId: farId, cause: 'peerFinished', code: null });
      const seenNear = await near.events.next('sessionClosed');
      expect(seenNear).toMatchObject({ sessionId: nearId, cause: 'localFinished' });
    });

    it.each(ends)('resets with the code when the %s aborts', async (end) => {
      await using pair = await stage().connect();
      const session = await openSession(pair);
      const { near, far } = sides(pair, end);
      const nearId = session[end].sessionId;
      const farId = session[end === 'client' ? 'server' : 'client'].sessionId;
      near.engine.abort(nearId, 0x010c);
      expect(await far.events.next('sessionClosed')).toMatchObject({
        sessionId: farId,
        cause: 'peerReset',
        code: 0x010c,
      });
      expect(await near.events.next('sessionClosed')).toMatchObject({
        sessionId: nearId,
        cause: 'localAborted',
        code: 0x010c,
      });
    });

    it('lets a client give up before the answer', async () => {
      await using pair = await stage().connect();
      const sessionId = pair.client.engine.request(pair.connectionId, requestHeaders);
      const request = await pair.server.events.next('request');
      pair.client.engine.abort(sessionId, 0x010c);
      expect(await pair.server.events.next('sessionClosed')).toMatchObject({
        sessionId: request.sessionId,
        cause: 'peerReset',
        code: 0x010c,
      });
      await pair.client.events.next('sessionClosed');
      expect(pair.client.events.all.map(({ type }) => type)).toEqual(['connected', 'sessionClosed']);
      // Too late, but no mistake: the client had gone when the server decided.
      value(pair.server.engine.accept(request.sessionId, responseHeaders, proxyForwarding(), []));
    });

    it.each(ends)('closes a connection from the %s with code and reason, sessions first', async (end) => {
      await using pair = await stage().connect();
      const first = await openSession(pair, { forwarding: proxyForwarding(2) });
      await openSession(pair, { forwarding: proxyForwarding(3) });
      const { near, far } = sides(pair, end);
      near.engine.closeConnection(first[end].connectionId, 0x0100, 'enough');
      const seenFar = await far.events.next('connectionClosed');
      expect(seenFar).toMatchObject({ cause: 'peerClosed', code: 0x0100 });
      expect(seenFar.reason).toContain('enough');
      const seenNear = await near.events.next('connectionClosed');
      expect(seenNear).toMatchObject({ cause: 'localClosed', code: 0x0100 });
      for (const { events } of [near, far]) {
        const last = events.all.slice(-3).map((event) => ('cause' in event ? event.cause : event.type));
        expect(last.slice(0, 2)).toEqual(['connectionClosed', 'connectionClosed']);
        expect(events.all.at(-1)?.type).toBe('connectionClosed');
      }
    });

    it.each(ends)('tells the peers when the %s closes its engine, and nothing itself', async (end) => {
      await using pair = await stage().connect();
      await openSession(pair);
      const { near, far } = sides(pair, end);
      const before = near.events.all.length;
      await near.engine.close();
      expect((await far.events.next('sessionClosed')).cause).toBe('connectionClosed');
      expect((await far.events.next('connectionClosed')).cause).toBe('peerClosed');
      expect(near.events.all.slice(before).filter(({ type }) => type.endsWith('Closed'))).toEqual([]);
    });

    it('ignores commands on what has ended', async () => {
      await using pair = await stage().connect();
      const { client, server } = pair;
      const session = await openSession(pair);
      const other = await openSession(pair, { forwarding: proxyForwarding(3) });
      client.engine.finish(session.client.sessionId);
      await server.events.next('sessionClosed');
      for (const [{ engine }, { sessionId }] of [
        [client, session.client],
        [server, session.server],
      ] as const) {
        engine.sendCapsules(sessionId, [capsule(1)]);
        value(engine.update(sessionId, proxyForwarding()));
        value(engine.accept(sessionId, [], proxyForwarding(), []));
        engine.refuse(sessionId, 500, [], null);
        engine.finish(sessionId);
        engine.abort(sessionId, 0x0102);
      }
      server.engine.sendCapsules(other.server.sessionId, [capsule(2)]);
      await takeCapsules(client, other.client.sessionId, 1);
      client.engine.closeConnection(pair.connectionId, 0x0100, '');
      await client.events.next('connectionClosed');
      client.engine.closeConnection(pair.connectionId, 0x0100, '');
      const closed = client.events.all.filter((event) => event.type === 'sessionClosed');
      expect(closed.map(({ sessionId }) => sessionId)).toEqual([
        session.client.sessionId,
        other.client.sessionId,
      ]);
    });

    it('stops listening: no new requests or connections, open sessions go on (CIP-118)', async () => {
      await using pair = await stage().connect();
      const { client, server, connectionId } = pair;
      const session = await openSession(pair);
      server.engine.stopListening();
      server.engine.sendCapsules(session.server.sessionId, [capsule(2)]);
      await takeCapsules(client, session.client.sessionId, 1);
      const late = client.engine.request(connectionId, requestHeaders);
      const { sessionId, cause, code } = await client.events.next('sessionClosed');
      // The GOAWAY may have arrived before the request left, or not.
      const turnedAway = [
        { sessionId: late, cause: 'localAborted', code: null },
        { sessionId: late, cause: 'peerReset', code: 0x010b },
      ];
      expect(turnedAway).toContainEqual({ sessionId, cause, code });
      const { connectionId: second } = value(client.engine.connect(stage().connectorOptions(pair.address)));
      expect(await client.events.next('connectionClosed')).toMatchObject({
        connectionId: second,
        cause: 'peerClosed',
      });
      client.engine.sendCapsules(session.client.sessionId, [capsule(3)]);
      await takeCapsules(server, session.server.sessionId, 1);
    });

    it('closes a connection whose requests were all refused after its time (CIP-1604)', async () => {
      await using pair = await stage().connect({ unauthenticatedMs: 300 });
      pair.client.engine.request(pair.connectionId, requestHeaders);
      const request = await pair.server.events.next('request');
      pair.server.engine.refuse(request.sessionId, 401, [], null);
      expect(await pair.server.events.next('connectionClosed')).toMatchObject({
        connectionId: request.connectionId,
        cause: 'unauthenticatedTimeout',
      });
      expect((await pair.client.events.next('connectionClosed')).cause).toBe('peerClosed');
    });

    it('never mentions a connection that made no request', async () => {
      await using pair = await stage().connect({ unauthenticatedMs: 200 });
      await pair.client.events.next('connectionClosed');
      expect(pair.server.events.all).toEqual([]);
    });

    it('delivers events one batch at a time', async () => {
      await using pair = await stage().connect();
      const session = await openSession(pair);
      for (let index = 0; index < 50; index += 1)
        pair.client.engine.sendCapsules(session.client.sessionId, [capsule(index)]);
      await takeCapsules(pair.server, session.server.sessionId, 50);
      expect(pair.server.events.deepestCall).toBe(1);
    });
  });
}

function sides(pair: ConnectedPair, end: 'client' | 'server'): { readonly near: Party; readonly far: Party } {
  return end === 'client' ? { near: pair.client, far: pair.server } : { near: pair.server, far: pair.client };
}
