import { describe, expect, it } from 'vitest';
import type { HeaderField } from '../engine.js';
import {
  capsule,
  openSession,
  plain,
  proxyForwarding,
  requestHeaders,
  responseHeaders,
  takeCapsules,
  value,
  type Stage,
} from './party.js';

/** Requests and their answers. */
export function describeRequests(stage: () => Stage): void {
  describe('requests', () => {
    it('delivers the headers raw and in order, from where and when', async () => {
      await using pair = await stage().connect();
      const headers: readonly HeaderField[] = [
        ...requestHeaders,
        ['x-latin', 'caf\u00e9'],
        ['x-a', '1'],
        ['x-a', '2'],
      ];
      const before = Date.now();
      pair.client.engine.request(pair.connectionId, headers);
      const request = await pair.server.events.next('request');
      expect(request.headers).toEqual(headers);
      const connected = pair.client.events.all.find((event) => event.type === 'connected');
      expect(request.remoteAddress).toMatch(/^127\.0\.0\.1:/);
      expect(port(request.remoteAddress)).toBe(port(connected?.localAddress ?? ''));
      expect(request.receivedAtMs).toBeGreaterThan(before - 2_000);
      expect(request.receivedAtMs).toBeLessThan(Date.now() + 2_000);
    });

    it('passes other methods on, for TypeScript to answer', async () => {
      await using pair = await stage().connect();
      const get: readonly HeaderField[] = [
        [':method', 'GET'],
        [':scheme', 'https'],
        [':authority', 'vpn.example.test'],
        [':path', '/'],
      ];
      pair.client.engine.request(pair.connectionId, get);
      const request = await pair.server.events.next('request');
      expect(request.headers).toEqual(get);
      pair.server.engine.refuse(request.sessionId, 405, [['allow', 'CONNECT']], null);
      expect(await pair.client.events.next('response')).toMatchObject({
        status: 405,
        headers: [['allow', 'CONNECT']],
      });
    });

    it('accepts: the 200, then the tunnel MTU, then the capsules', async () => {
      await using pair = await stage().connect();
      const { client, server } = pair;
      const opened = await openSession(pair, { capsules: [capsule(7), capsule(10, 3n)] });
      const ours = opened.client.sessionId;
      expect(plain(await takeCapsules(client, ours, 2))).toEqual(plain([capsule(7), capsule(10, 3n)]));
      const seen = client.events.all.filter((event) => event.type !== 'connected');
      expect(seen.map(({ type }) => type).slice(0, 3)).toEqual(['response', 'mtuChanged', 'capsules']);
      expect(seen[0]).toMatchObject({ sessionId: ours, status: 200, headers: responseHeaders });
      const ends = [
        await client.events.next('mtuChanged', ({ sessionId }) => sessionId === ours),
        await server.events.next('mtuChanged', ({ sessionId }) => sessionId === opened.server.sessionId),
      ];
      for (const { tunnelMtu } of ends) {
        expect(tunnelMtu).toBeGreaterThanOrEqual(1_100);
        expect(tunnelMtu).toBeLessThanOrEqual(65_535);
      }
    });

    it('holds capsules that come before the answer until the request is accepted (CIP-317)', async () => {
      await using pair = await stage().connect();
      const { client, server, connectionId } = pair;
      const sessionId = client.engine.request(connectionId, requestHeaders);
      client.engine.sendCapsules(sessionId, [capsule(9, 2n)]);
      const request = await server.events.next('request');
      // Another exchange on the connection goes past it in the meantime.
      const other = client.engine.request(connectionId, requestHeaders);
      await server.events.next('request', (event) => event.sessionId !== request.sessionId);
      expect(server.events.all.some((event) => event.type === 'capsules')).toBe(false);
      value(server.engine.accept(request.sessionId, responseHeaders, proxyForwarding(), []));
      expect(plain(await takeCapsules(server, request.sessionId, 1))).toEqual(plain([capsule(9, 2n)]));
      client.engine.abort(other, 0x010c);
    });

    it('refuses with status and headers, and ends both ends', async () => {
      await using pair = await stage().connect();
      const { client, server } = pair;
      const sessionId = client.engine.request(pair.connectionId, requestHeaders);
      const request = await server.events.next('request');
      const headers: readonly HeaderField[] = [['proxy-status', 'masque-vpn; error=http_request_denied']];
      server.engine.refuse(request.sessionId, 403, headers, null);
      expect(await client.events.next('response')).toMatchObject({ sessionId, status: 403, headers });
      expect(await client.events.next('sessionClosed')).toMatchObject({
        sessionId,
        cause: 'peerFinished',
        code: null,
      });
      expect(await server.events.next('sessionClosed')).toMatchObject({
        sessionId: request.sessionId,
        cause: 'localFinished',
      });
    });

    it('resets after a refusal with a code (MALF)', async () => {
      await using pair = await stage().connect();
      const { client, server } = pair;
      const sessionId = client.engine.request(pair.connectionId, requestHeaders);
      const request = await server.events.next('request');
      server.engine.refuse(request.sessionId, 400, [], 0x010e);
      // The response may be lost on the way; the reset may not.
      expect(await client.events.next('sessionClosed')).toMatchObject({
        sessionId,
        cause: 'peerReset',
        code: 0x010e,
      });
      expect(await server.events.next('sessionClosed')).toMatchObject({
        sessionId: request.sessionId,
        cause: 'localAborted',
        code: 0x010e,
      });
    });

    it('keeps malformed requests from TypeScript (CIP-303, CIP-313)', async () => {
      await using pair = await stage().connect();
      const { client, server, connectionId } = pair;
      const bad: readonly (readonly HeaderField[])[] = [
        [...requestHeaders, ['content-length', '0']],
        [...requestHeaders, ['X-Upper', 'case']],
        [...requestHeaders, [':path', '/twice']],
        requestHeaders.filter(([name]) => name !== ':authority'),
      ];
      for (const headers of bad) {
        const sessionId = client.engine.request(connectionId, headers);
        await client.events.next('sessionClosed', (event) => event.sessionId === sessionId);
      }
      client.engine.request(connectionId, [...requestHeaders, ['x-good', '1']]);
      expect((await server.events.next('request')).headers.at(-1)).toEqual(['x-good', '1']);
    });

    it('holds more requests than the limit back from TypeScript', async () => {
      const { peerLimits } = stage().listenerOptions();
      await using pair = await stage().connect({ peerLimits: { ...peerLimits, requestsPerConnection: 2 } });
      const { client, server, connectionId } = pair;
      const first = await openSession(pair);
      const second = await openSession(pair);
      const surplus = client.engine.request(connectionId, requestHeaders);
      const closed = await client.events.next('sessionClosed', (event) => event.sessionId === surplus);
      expect(closed).toMatchObject({ cause: 'localAborted', code: null });
      for (const { server: end } of [first, second]) server.engine.sendCapsules(end.sessionId, [capsule(3)]);
      for (const { client: end } of [first, second]) await takeCapsules(client, end.sessionId, 1);
      expect(server.events.all.filter((event) => event.type === 'request')).toHaveLength(2);
    });

    it('keeps the sessions of one connection apart (CIP-318)', async () => {
      await using pair = await stage().connect();
      const { client, server } = pair;
      const doomed = await openSession(pair, { forwarding: proxyForwarding(2) });
      const other = await openSession(pair, { forwarding: proxyForwarding(3) });
      server.engine.abort(doomed.server.sessionId, 0x010e);
      await client.events.next('sessionClosed', (event) => event.sessionId === doomed.client.sessionId);
      client.engine.sendCapsules(other.client.sessionId, [capsule(5)]);
      expect(plain(await takeCapsules(server, other.server.sessionId, 1))).toEqual(plain([capsule(5)]));
      server.engine.sendCapsules(other.server.sessionId, [capsule(6)]);
      expect(plain(await takeCapsules(client, other.client.sessionId, 1))).toEqual(plain([capsule(6)]));
    });

    it('closes a request on a connection that has ended', async () => {
      await using pair = await stage().connect();
      pair.client.engine.closeConnection(pair.connectionId, 0x0100, '');
      await pair.client.events.next('connectionClosed');
      const sessionId = pair.client.engine.request(pair.connectionId, requestHeaders);
      const closed = await pair.client.events.next('sessionClosed', (event) => event.sessionId === sessionId);
      expect(closed.connectionId).toBe(pair.connectionId);
      expect(['connectionClosed', 'localAborted']).toContain(closed.cause);
    });
  });
}

function port(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}
