import { beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates, type TestCertificates } from '../contract/certificates.js';
import {
  openSession,
  proxyForwarding,
  Stage,
  value,
  type ConnectedPair,
  type OpenSession,
} from '../contract/party.js';
import type { Forwarding } from '../engine.js';
import { dropReasons, Snapshot, type DropReason } from '../snapshot.js';
import { ipPacket, protocols } from '../testing/packets.js';
import { FakeEngine, FakeNetwork, ManualClock } from './index.js';

/** A packet of `size` bytes in all. */
function packet(
  source: string,
  destination: string,
  { protocol, size }: { readonly protocol?: number; readonly size?: number } = {},
): Uint8Array {
  const upper = new Uint8Array((size ?? 60) - (source.includes(':') ? 40 : 20));
  return ipPacket({ source, destination, protocol: protocol ?? protocols.udp, upper });
}

/** A tunnel between two fakes, and what their kernels see. */
class Tunnel implements AsyncDisposable {
  readonly clock: ManualClock;
  readonly network: FakeNetwork;
  readonly pair: ConnectedPair;
  readonly session: OpenSession;
  readonly server: FakeEngine;
  readonly client: FakeEngine;

  private constructor(
    clock: ManualClock,
    network: FakeNetwork,
    engines: readonly FakeEngine[],
    pair: ConnectedPair,
    session: OpenSession,
  ) {
    const [server, client] = engines;
    if (server === undefined || client === undefined) throw new Error('two engines are needed');
    this.clock = clock;
    this.network = network;
    this.pair = pair;
    this.session = session;
    this.server = server;
    this.client = client;
  }

  static async open(certificates: TestCertificates, proxy: Forwarding): Promise<Tunnel> {
    const clock = new ManualClock();
    const network = new FakeNetwork({ clock });
    const engines: FakeEngine[] = [];
    const stage = new Stage(certificates, () => ({
      open: (options) => {
        const engine = new FakeEngine({ ...options, network });
        value(
          engine.openTun({ name: `tun${engines.length}`, mtu: 1400, offload: true, backpressure: false }),
        );
        engines.push(engine);
        return engine;
      },
    }));
    const pair = await stage.connect();
    const session = await openSession(pair, { forwarding: proxy });
    const ours: Forwarding = { ...proxy, role: 'client', ownIpv4: '10.0.0.2' };
    value(pair.client.engine.update(session.client.sessionId, ours));
    return new Tunnel(clock, network, engines, pair, session);
  }

  /** The client's kernel sends; returns what the server's kernel got. */
  async up(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    this.client.tun.inject(bytes);
    await this.network.settle();
    return this.server.tun.take();
  }

  async down(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    this.server.tun.inject(bytes);
    await this.network.settle();
    return this.client.tun.take();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.pair[Symbol.asyncDispose]());
  }
}

function snapshotOf(engine: FakeEngine): Snapshot {
  const snapshot = new Snapshot();
  engine.snapshot(snapshot);
  return snapshot;
}

function expectBalanced(engine: FakeEngine): void {
  const totals = snapshotOf(engine);
  for (const direction of ['inbound', 'outbound'] as const) {
    const dropped = dropReasons.reduce((sum, reason) => sum + totals.total(`${direction}Drops.${reason}`), 0);
    expect(totals.total(`${direction}Received`)).toBe(totals.total(`${direction}Forwarded`) + dropped);
  }
}

describe('packets through fake engines', () => {
  const prepared: { certificates?: TestCertificates } = {};
  const dualStack: Forwarding = {
    ...proxyForwarding(2),
    assigned: ['10.0.0.2/32', '2001:db8::2/128'],
    routes: [
      { start: '198.51.100.0', end: '198.51.100.255', protocol: 0 },
      { start: '203.0.113.0', end: '203.0.113.255', protocol: protocols.udp },
      { start: '2001:db8:1::', end: '2001:db8:1::ffff', protocol: 0 },
    ],
  };
  const open = (): Promise<Tunnel> => {
    if (prepared.certificates === undefined) throw new Error('no certificates yet');
    return Tunnel.open(prepared.certificates, dualStack);
  };
  beforeAll(async () => {
    prepared.certificates = await makeCertificates();
  });

  it('carries IPv4 and IPv6 both ways and counts them at both ends', async () => {
    await using tunnel = await open();
    const there = [packet('10.0.0.2', '198.51.100.1'), packet('2001:db8::2', '2001:db8:1::1')];
    for (const bytes of there) expect(await tunnel.up(bytes)).toEqual([bytes]);
    const back = packet('198.51.100.1', '10.0.0.2', { size: 1_000 });
    expect(await tunnel.down(back)).toEqual([back]);
    const client = snapshotOf(tunnel.client);
    expect(client.session(0, 'packetsSent')).toBe(2);
    expect(client.session(0, 'bytesSent')).toBe(120);
    expect(client.session(0, 'bytesReceived')).toBe(1_000);
    const server = snapshotOf(tunnel.server);
    expect(server.session(0, 'packetsReceived')).toBe(2);
    expect(server.session(0, 'packetsSent')).toBe(1);
    expect(server.total('inboundForwarded')).toBe(2);
    expect(server.total('tunReads')).toBe(1);
    expect(server.total('tunWrites')).toBe(2);
  });

  const outbound: readonly (readonly [DropReason, Uint8Array])[] = [
    ['malformed', Uint8Array.of(0x45, 0, 0)],
    ['malformed', packet('10.0.0.2', '198.51.100.1').subarray(0, 30)],
    ['spoofedSource', packet('10.0.0.3', '198.51.100.1')],
    ['noRoute', packet('10.0.0.2', '192.0.2.1')],
    ['protocolRefused', packet('10.0.0.2', '203.0.113.1', { protocol: 6 })],
    ['linkLocal', packet('fe80::1', '2001:db8:1::1')],
    ['linkLocal', packet('10.0.0.2', '224.0.0.251')],
    ['forbiddenAddress', packet('10.0.0.2', '239.1.1.1')],
    ['tooBig', packet('10.0.0.2', '198.51.100.1', { size: 1_401 })],
  ];
  it.each(outbound)('drops as %s what the client may not send (CIP-1004)', async (reason, bytes) => {
    await using tunnel = await open();
    expect(await tunnel.up(bytes)).toEqual([]);
    expect(snapshotOf(tunnel.client).total(`outboundDrops.${reason}`)).toBe(1);
    expectBalanced(tunnel.client);
  });

  it('lets ICMP pass where another protocol is named (RFC 9484 §4.7.3)', async () => {
    await using tunnel = await open();
    const ping = packet('10.0.0.2', '203.0.113.1', { protocol: 1 });
    expect(await tunnel.up(ping)).toEqual([ping]);
  });

  /** What a client sends that believes it may: it attached more than the server granted. */
  const inbound: readonly (readonly [DropReason, Uint8Array])[] = [
    ['spoofedSource', packet('10.0.0.3', '198.51.100.1')],
    ['noRoute', packet('10.0.0.2', '192.0.2.1')],
    ['protocolRefused', packet('10.0.0.2', '203.0.113.1', { protocol: 6 })],
    ['peerToPeer', packet('10.0.0.2', '10.0.0.9')],
    ['peerToPeer', packet('10.0.0.2', '10.0.0.200')],
  ];
  it.each(inbound)(
    'drops as %s what the server did not grant (CIP-1003, CIP-1005, CIP-1016)',
    async (reason, bytes) => {
      await using tunnel = await open();
      await openSession(tunnel.pair, { forwarding: proxyForwarding(9) });
      const everything: Forwarding = {
        role: 'client',
        assigned: ['0.0.0.0/0'],
        routes: [{ start: '0.0.0.0', end: '255.255.255.255', protocol: 0 }],
        peers: [],
        ownIpv4: '10.0.0.2',
        ownIpv6: null,
      };
      value(tunnel.client.update(tunnel.session.client.sessionId, everything));
      expect(await tunnel.up(bytes)).toEqual([]);
      const server = snapshotOf(tunnel.server);
      expect(server.total(`inboundDrops.${reason}`)).toBe(1);
      expect(server.session(0, 'dropsReceiving')).toBe(1);
      expectBalanced(tunnel.server);
    },
  );

  it('sends return traffic to its owner only (CIP-1006)', async () => {
    await using tunnel = await open();
    const other = await openSession(tunnel.pair, { forwarding: proxyForwarding(9) });
    const nine: Forwarding = { ...proxyForwarding(9), role: 'client' };
    value(tunnel.client.update(other.client.sessionId, nine));
    expect(await tunnel.down(packet('198.51.100.1', '10.0.0.9'))).toHaveLength(1);
    const rows = snapshotOf(tunnel.server);
    expect([rows.session(0, 'packetsSent'), rows.session(1, 'packetsSent')]).toEqual([0, 1]);
    expect(await tunnel.down(packet('198.51.100.1', '10.0.0.77'))).toEqual([]);
    expect(snapshotOf(tunnel.server).total('outboundDrops.noRoute')).toBe(1);
  });

  it('does not send to the peer what it does not own, nor take it (CIP-1004)', async () => {
    await using tunnel = await open();
    value(tunnel.server.update(tunnel.session.server.sessionId, proxyForwarding(50)));
    expect(await tunnel.down(packet('198.51.100.1', '10.0.0.50'))).toEqual([]);
    expect(snapshotOf(tunnel.client).total('inboundDrops.noRoute')).toBe(1);
  });

  it('drops without a TUN, and reports one that is lost', async () => {
    await using tunnel = await open();
    tunnel.server.tun.lose('deleted');
    expect((await tunnel.pair.server.events.next('tunLost')).error).toEqual({
      code: 'ENGINE_IO',
      message: 'deleted',
    });
    expect(await tunnel.up(packet('10.0.0.2', '198.51.100.1'))).toEqual([]);
    const server = snapshotOf(tunnel.server);
    expect(server.total('inboundDrops.noTun')).toBe(1);
    expect(server.total('tunOpen')).toBe(0);
    value(tunnel.server.openTun({ name: 'tun9', mtu: 1400, offload: true, backpressure: false }));
    expect(await tunnel.up(packet('10.0.0.2', '198.51.100.1'))).toHaveLength(1);
  });

  it('drops packets of a session that has ended', async () => {
    await using tunnel = await open();
    tunnel.client.tun.inject(packet('10.0.0.2', '198.51.100.1'));
    tunnel.server.abort(tunnel.session.server.sessionId, 0x010c);
    await tunnel.network.settle();
    expect(tunnel.server.tun.take()).toEqual([]);
    expect(snapshotOf(tunnel.server).total('inboundDrops.noSession')).toBe(1);
    expectBalanced(tunnel.server);
  });

  it('follows the path MTU, and ends IPv6 sessions that stay below 1280 (CIP-1205)', async () => {
    await using tunnel = await open();
    tunnel.client.setTunnelMtu(1_300);
    await tunnel.pair.client.events.next('mtuChanged', ({ tunnelMtu }) => tunnelMtu === 1_300);
    expect(await tunnel.up(packet('10.0.0.2', '198.51.100.1', { size: 1_301 }))).toEqual([]);
    tunnel.client.setTunnelMtu(1_279);
    tunnel.clock.advance(9_000);
    tunnel.client.setTunnelMtu(1_280);
    tunnel.clock.advance(10_000);
    expect(tunnel.pair.client.events.all.map(({ type }) => type)).not.toContain('sessionClosed');
    tunnel.client.setTunnelMtu(1_279);
    tunnel.clock.advance(10_000);
    expect((await tunnel.pair.client.events.next('sessionClosed')).cause).toBe('mtuTooSmall');
    expect((await tunnel.pair.server.events.next('sessionClosed')).cause).toBe('peerReset');
  });

  it('says why a TUN cannot be opened', async () => {
    const engine = new FakeEngine({ network: new FakeNetwork(), onEvents: () => undefined });
    engine.tun.failure = 'ENGINE_PERMISSION_DENIED';
    const options = { name: 'masque0', mtu: 1400, offload: true, backpressure: false };
    expect(engine.openTun(options)).toMatchObject({ ok: false, error: { code: 'ENGINE_PERMISSION_DENIED' } });
    engine.tun.failure = null;
    expect(value(engine.openTun(options)).name).toBe('masque0');
  });

  it('lets answers from outside in, and nobody else', async () => {
    await using tunnel = await open();
    const access = { rules: 1, labels: [], meters: { fromPeer: [], toPeer: [] } };
    const byPeer = { id: 1, action: 'allow', opened: 'byPeer', protocol: 0, ports: [] } as const;
    value(tunnel.server.setRules(1, { rules: [{ ...byPeer, remote: { kind: 'any' } }] }));
    value(tunnel.server.update(tunnel.session.server.sessionId, { ...dualStack, access }));
    const answer = packet('198.51.100.1', '10.0.0.2');
    expect(await tunnel.down(answer)).toEqual([]);
    expect(await tunnel.up(packet('10.0.0.2', '198.51.100.1'))).toHaveLength(1);
    expect(await tunnel.down(answer)).toHaveLength(1);
    expect(await tunnel.down(packet('198.51.100.2', '10.0.0.2'))).toEqual([]);
    expect(snapshotOf(tunnel.server).total('outboundDrops.accessDenied')).toBe(2);
    expect(await tunnel.down(packet('10.0.0.9', '10.0.0.2'))).toEqual([]);
    expectBalanced(tunnel.server);
  });

  it('lets a host behind the TUN answer', async () => {
    await using tunnel = await open();
    tunnel.server.tun.onOutput = () => tunnel.server.tun.inject(packet('198.51.100.1', '10.0.0.2'));
    await tunnel.up(packet('10.0.0.2', '198.51.100.1'));
    expect(tunnel.client.tun.take()).toHaveLength(1);
  });
});
