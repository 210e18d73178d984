import { describe, expect, it } from 'vitest';
import type { EngineResult, Forwarding } from '../engine.js';
import { Snapshot } from '../snapshot.js';
import {
  codeOf,
  openSession,
  proxyForwarding,
  requestHeaders,
  responseHeaders,
  value,
  type Stage,
} from './party.js';

/** What commands refuse, and what they answer after the end. */
export function describeCommands(stage: () => Stage): void {
  describe('commands', () => {
    it('binds a port of its own choice for port 0', async () => {
      await using ends = stage().listen();
      expect(ends.address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    });

    it('says when the port is taken', async () => {
      const world = stage().world();
      await using first = stage().party(world);
      await using second = stage().party(world);
      const { address } = value(first.engine.listen(stage().listenerOptions()));
      expect(codeOf(second.engine.listen(stage().listenerOptions({ address })))).toBe(
        'ENGINE_ADDRESS_IN_USE',
      );
      await first.engine.close();
      value(second.engine.listen(stage().listenerOptions({ address })));
    });

    it('refuses certificates that it cannot use', async () => {
      await using ends = stage().listen();
      const { server, client, secondServer } = stage().certificates;
      const { anchorsPem } = stage().certificates.authority;
      const unusable = [
        { chainPem: '', keyPem: server.keyPem },
        { chainPem: 'no PEM', keyPem: server.keyPem },
        { chainPem: server.chainPem.replace(/\n.{40}/, '\n'), keyPem: server.keyPem },
        { chainPem: server.chainPem, keyPem: 'no PEM' },
        { chainPem: server.chainPem, keyPem: secondServer.keyPem },
      ];
      for (const certificate of unusable) {
        expect(codeOf(ends.server.engine.setCertificate(certificate))).toBe('ENGINE_INVALID_CERTIFICATE');
        const options = stage().connectorOptions(ends.address, { certificate });
        expect(codeOf(ends.client.engine.connect(options))).toBe('ENGINE_INVALID_CERTIFICATE');
        await using third = stage().party(stage().world());
        const listening = third.engine.listen(stage().listenerOptions({ certificate }));
        expect(codeOf(listening)).toBe('ENGINE_INVALID_CERTIFICATE');
      }
      const noAnchors = stage().connectorOptions(ends.address, { anchorsPem: '' });
      expect(codeOf(ends.client.engine.connect(noAnchors))).toBe('ENGINE_INVALID_CERTIFICATE');
      const badLeaf = { anchorsPem, leafSha256: ['zz'] };
      expect(codeOf(ends.server.engine.setClientTrust(badLeaf))).toBe('ENGINE_INVALID_CERTIFICATE');
      const badAnchors = { anchorsPem: 'no PEM', leafSha256: [client.sha256] };
      expect(codeOf(ends.server.engine.setClientTrust(badAnchors))).toBe('ENGINE_INVALID_CERTIFICATE');
      value(ends.client.engine.connect(stage().connectorOptions(ends.address)));
      await ends.client.events.next('connected');
    });

    it('refuses arguments that make no sense', async () => {
      await using ends = stage().listen();
      const { engine } = ends.client;
      for (const address of ['', 'localhost:443', '127.0.0.1', '::1:443', '127.0.0.1:65536']) {
        expect(codeOf(engine.listen(stage().listenerOptions({ address })))).toBe('ENGINE_INVALID_ARGUMENT');
        expect(codeOf(engine.connect(stage().connectorOptions(address)))).toBe('ENGINE_INVALID_ARGUMENT');
      }
      for (const idleTimeoutMs of [0, 999, 600_001, Number.NaN]) {
        const transport = { idleTimeoutMs, keepAliveMs: null, congestionControl: 'cubic' } as const;
        expect(codeOf(engine.listen(stage().listenerOptions({ transport })))).toBe('ENGINE_INVALID_ARGUMENT');
      }
      expect(codeOf(ends.server.engine.listen(stage().listenerOptions()))).toBe('ENGINE_INVALID_ARGUMENT');
      expect(codeOf(engine.setCertificate(stage().certificates.server))).toBe('ENGINE_INVALID_ARGUMENT');
      for (const name of ['', 'a-name-of-16-byte']) {
        const tun = { name, mtu: 1400, offload: false, backpressure: false };
        expect(codeOf(engine.openTun(tun))).toBe('ENGINE_INVALID_ARGUMENT');
      }
    });

    it('refuses forwarding that makes no sense, and the request can still be accepted', async () => {
      await using pair = await stage().connect();
      const sessionId = pair.client.engine.request(pair.connectionId, requestHeaders);
      const request = await pair.server.events.next('request');
      const good = proxyForwarding();
      const range = { start: '10.0.0.0', end: '10.0.0.255', protocol: 0 };
      const bad: readonly Partial<Forwarding>[] = [
        { assigned: ['10.0.0.2'.concat('/33')] },
        { assigned: ['10.0.0.2/24'] },
        { assigned: ['everything'] },
        { routes: [{ ...range, end: '9.0.0.0' }] },
        { routes: [{ ...range, end: '::1' }] },
        { routes: [{ ...range, protocol: 256 }] },
        { ownIpv4: 'me' },
      ];
      for (const part of bad) {
        const accepted = pair.server.engine.accept(request.sessionId, [], { ...good, ...part }, []);
        expect(codeOf(accepted)).toBe('ENGINE_INVALID_ARGUMENT');
      }
      value(pair.server.engine.accept(request.sessionId, responseHeaders, good, []));
      await pair.client.events.next('response', (event) => event.sessionId === sessionId);
      const updated = pair.server.engine.update(request.sessionId, { ...good, assigned: ['10.0.0.2/24'] });
      expect(codeOf(updated)).toBe('ENGINE_INVALID_ARGUMENT');
    });

    it('replaces forwarding while running', async () => {
      await using pair = await stage().connect();
      const session = await openSession(pair);
      value(pair.server.engine.update(session.server.sessionId, proxyForwarding(9)));
      const ours: Forwarding = { ...proxyForwarding(9), role: 'client', ownIpv4: '10.0.0.9' };
      value(pair.client.engine.update(session.client.sessionId, ours));
    });

    it('closes twice as once, and says so afterwards', async () => {
      await using pair = await stage().connect();
      const session = await openSession(pair);
      const { engine } = pair.server;
      await Promise.all([engine.close(), engine.close()]);
      await engine.close();
      const { server, authority } = stage().certificates;
      const tun = { name: 'masque-test', mtu: 1400, offload: false, backpressure: false };
      const results: readonly EngineResult<unknown>[] = [
        engine.openTun(tun),
        engine.listen(stage().listenerOptions()),
        engine.connect(stage().connectorOptions(pair.address)),
        engine.setCertificate(server),
        engine.setClientTrust({ anchorsPem: authority.anchorsPem, leafSha256: [] }),
        engine.accept(session.server.sessionId, [], proxyForwarding(), []),
        engine.update(session.server.sessionId, proxyForwarding()),
      ];
      for (const result of results) expect(codeOf(result)).toBe('ENGINE_CLOSED');
      engine.closeTun();
      engine.stopListening();
      engine.refuse(session.server.sessionId, 500, [], null);
      engine.sendCapsules(session.server.sessionId, []);
      engine.finish(session.server.sessionId);
      engine.abort(session.server.sessionId, 0x0102);
      engine.closeConnection(session.server.connectionId, 0x0100, '');
      engine.releaseSession(session.server.sessionId);
      engine.releaseConnection(session.server.connectionId);
      engine.request(session.server.connectionId, requestHeaders);
      const snapshot = new Snapshot();
      engine.snapshot(snapshot);
      expect(snapshot).toMatchObject({ sessionRows: 0, connectionRows: 0 });
    });
  });
}
