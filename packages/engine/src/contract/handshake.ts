import { describe, expect, it } from 'vitest';
import { Snapshot, type TotalColumn } from '../snapshot.js';
import type { IssuedCertificate } from './certificates.js';
import { requestHeaders, value, type Party, type Stage } from './party.js';

/** TLS, trust and the way to `connected`. */
export function describeHandshake(stage: () => Stage): void {
  describe('handshake', () => {
    it('connects, and reports extended CONNECT and datagrams (CIP-108, CIP-110)', async () => {
      await using ends = stage().listen();
      const { connectionId } = value(ends.client.engine.connect(stage().connectorOptions(ends.address)));
      const connected = await ends.client.events.next('connected');
      expect(connected).toMatchObject({
        connectionId,
        remoteAddress: ends.address,
        extendedConnect: true,
        datagrams: true,
      });
      expect(connected.localAddress).toMatch(/:[1-9]\d*$/);
      await expect.poll(() => total(ends.server, 'handshakes.completed')).toBe(1);
    });

    it('shows the leaf of the client with its request', async () => {
      await using pair = await stage().connect();
      pair.client.engine.request(pair.connectionId, requestHeaders);
      const request = await pair.server.events.next('request');
      expect(request.leafSha256).toBe(stage().certificates.client.sha256);
      expect(Buffer.from(request.leafCertificate ?? [])).toEqual(
        Buffer.from(stage().certificates.client.der),
      );
    });

    it('lets a client without a certificate in, with an empty leaf', async () => {
      await using pair = await stage().connect({}, { certificate: null });
      pair.client.engine.request(pair.connectionId, requestHeaders);
      const request = await pair.server.events.next('request');
      expect(request).toMatchObject({ leafCertificate: null, leafSha256: null });
    });

    it('lets a certificate of another authority in if its leaf is listed', async () => {
      const { authority, stranger } = stage().certificates;
      const clientTrust = { anchorsPem: authority.anchorsPem, leafSha256: [stranger.sha256] };
      await using pair = await stage().connect({ clientTrust }, { certificate: stranger });
      pair.client.engine.request(pair.connectionId, requestHeaders);
      expect((await pair.server.events.next('request')).leafSha256).toBe(stranger.sha256);
    });

    const refusedClients: readonly (readonly [string, (stage: Stage) => IssuedCertificate])[] = [
      ['of another authority', ({ certificates }) => certificates.stranger],
      ['that has expired', ({ certificates }) => certificates.expiredClient],
      ['made for servers', ({ certificates }) => certificates.server],
    ];
    it.each(refusedClients)('refuses a client certificate %s with a TLS alert', async (_, pick) => {
      await using ends = stage().listen();
      const options = stage().connectorOptions(ends.address, { certificate: pick(stage()) });
      const { connectionId } = value(ends.client.engine.connect(options));
      const closed = await ends.client.events.next('connectionClosed');
      expect(closed).toMatchObject({ connectionId, cause: 'tlsRefused' });
      expect(closed.code).toBeGreaterThan(0x0100);
      expect(closed.code).toBeLessThan(0x0200);
      await expect.poll(() => total(ends.server, 'handshakes.certificateRefused')).toBe(1);
      expect(ends.server.events.all).toEqual([]);
    });

    it('does not trust a server of another authority', async () => {
      await using ends = stage().listen();
      const { anchorsPem } = stage().certificates.otherAuthority;
      value(ends.client.engine.connect(stage().connectorOptions(ends.address, { anchorsPem })));
      expect((await ends.client.events.next('connectionClosed')).cause).toBe('peerUntrusted');
      await expect.poll(() => total(ends.server, 'handshakes.serverDistrusted')).toBe(1);
      expect(total(ends.server, 'handshakes.certificateRefused')).toBe(0);
    });

    it('does not trust an expired server', async () => {
      await using ends = stage().listen({ certificate: stage().certificates.expiredServer });
      value(ends.client.engine.connect(stage().connectorOptions(ends.address)));
      expect((await ends.client.events.next('connectionClosed')).cause).toBe('peerUntrusted');
    });

    it('does not trust a certificate for another name (CIP-102)', async () => {
      await using ends = stage().listen();
      const options = stage().connectorOptions(ends.address, { serverName: 'other.example.test' });
      value(ends.client.engine.connect(options));
      expect((await ends.client.events.next('connectionClosed')).cause).toBe('peerUntrusted');
      expect(ends.client.events.all).toHaveLength(1);
    });

    it('verifies an IP address as server name', async () => {
      await using pair = await stage().connect({}, { serverName: '127.0.0.1' });
      expect(pair.connectionId).toBeGreaterThan(0);
    });

    it('gives up as unreachable when nobody answers', async () => {
      await using ends = stage().listen();
      await ends.server.engine.close();
      const transport = { idleTimeoutMs: 1_000, keepAliveMs: null, congestionControl: 'adaptive' } as const;
      value(ends.client.engine.connect(stage().connectorOptions(ends.address, { transport })));
      expect(await ends.client.events.next('connectionClosed')).toMatchObject({
        cause: 'unreachable',
        code: null,
      });
    });

    it('turns connections away above its limit', async () => {
      await using pair = await stage().connect({ maxConnections: 1 });
      value(pair.client.engine.connect(stage().connectorOptions(pair.address)));
      const closed = await pair.client.events.next('connectionClosed');
      expect(closed.cause).toBe('peerClosed');
      // A ClientHello may come in several packets, each turned away.
      await expect.poll(() => total(pair.server, 'handshakes.refused')).toBeGreaterThan(0);
    });

    it('uses a new server certificate for the next handshake and keeps the connections', async () => {
      await using pair = await stage().connect();
      const { client, server, address, connectionId } = pair;
      value(server.engine.setCertificate(stage().certificates.secondServer));
      const second = stage().connectorOptions(address, { serverName: 'second.example.test' });
      const { connectionId: secondId } = value(client.engine.connect(second));
      await client.events.next('connected', (event) => event.connectionId === secondId);
      client.engine.request(connectionId, requestHeaders);
      await server.events.next('request');
    });

    it('uses new trust anchors and listed leafs for the next handshake', async () => {
      await using ends = stage().listen();
      const { client, server, address } = ends;
      const { otherAuthority, stranger, client: alice } = stage().certificates;
      value(server.engine.setClientTrust({ anchorsPem: otherAuthority.anchorsPem, leafSha256: [] }));
      value(client.engine.connect(stage().connectorOptions(address, { certificate: stranger })));
      await client.events.next('connected');
      value(client.engine.connect(stage().connectorOptions(address)));
      expect((await client.events.next('connectionClosed')).cause).toBe('tlsRefused');
      value(server.engine.setClientTrust({ anchorsPem: '', leafSha256: [alice.sha256] }));
      value(client.engine.connect(stage().connectorOptions(address)));
      await client.events.next('connected');
    });
  });
}

function total(party: Party, column: TotalColumn): number {
  const snapshot = new Snapshot();
  party.engine.snapshot(snapshot);
  return snapshot.total(column);
}
