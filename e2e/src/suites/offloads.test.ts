import { offloads, type EngineEvent, type Forwarding, type Offload } from '@masque-vpn/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import type { Machine } from '../lab/machine.js';
import { foreignAuthority, issue, type KeyedCertificate } from '../pki/certificates.js';
import { Cleanup } from '../process/cleanup.js';
import { RogueEngine } from '../rogue/rogueEngine.js';
import { Traffic } from '../traffic/transfer.js';

const proxyAddress = '10.77.0.1';
const clientAddress = '10.77.0.2';
const serverName = 'vpn.example.org';
const transport = { idleTimeoutMs: 10_000, keepAliveMs: null, congestionControl: 'adaptive' } as const;
const peerLimits = {
  requestsPerConnection: 1,
  capsuleBytes: 65_536,
  capsulesPerSecond: 100,
  capsuleBurst: 100,
} as const;

describe('a tunnel whose host lacks an offload', () => {
  let authority: KeyedCertificate;
  let certificate: KeyedCertificate;

  beforeAll(async () => {
    authority = await foreignAuthority();
    certificate = await issue(authority, serverName, undefined, [{ type: 'dns', value: serverName }]);
  });

  /** A tunnel between two engines that do `without` something, over one family of addresses outside. */
  async function openTunnel(cleanup: Cleanup, without: readonly Offload[], outer: 'ipv4' | 'ipv6') {
    const lab = cleanup.use(await Lab.create());
    const [proxy, client] = [lab.server, lab.client(1)];
    const server = cleanup.use(new RogueEngine(proxy.namespace, without, 2));
    const peer = cleanup.use(new RogueEngine(client.namespace, without));
    await openTun(server, proxy, proxyAddress);
    await openTun(peer, client, clientAddress);
    const listening = await server.call('listen', {
      address: '[::]:443',
      certificate: { chainPem: certificate.certificatePem, keyPem: certificate.privateKeyPem },
      clientTrust: { anchorsPem: '', leafSha256: [] },
      ...{ transport, peerLimits, maxConnections: 10, retryAboveHandshakes: 10, unauthenticatedMs: 10_000 },
    });
    expect(listening).toMatchObject({ ok: true });
    const connected = await peer.call('connect', {
      remoteAddress: outer === 'ipv4' ? `${proxy.ipv4}:443` : `[${proxy.ipv6}]:443`,
      ...{
        serverName,
        anchorsPem: authority.certificatePem,
        certificate: null,
        transport,
        peerLimits,
        mark: null,
      },
    });
    if (!connected.ok) throw new Error(connected.error.message);
    await peer.event('connection', isA('connected'));
    const asked = await peer.call('request', connected.value.connectionId, [
      [':method', 'CONNECT'],
      [':protocol', 'connect-ip'],
      [':scheme', 'https'],
      [':authority', serverName],
      [':path', '/'],
    ]);
    const { sessionId } = await server.event('request', isA('request'));
    const forwarding: Omit<Forwarding, 'role'> = {
      assigned: [`${clientAddress}/32`],
      routes: [{ start: '0.0.0.0', end: '255.255.255.255', protocol: 0 }],
      ...{ peers: [], ownIpv4: null, ownIpv6: null },
    };
    expect(await server.call('accept', sessionId, [], { ...forwarding, role: 'proxy' }, [])).toEqual({
      ok: true,
    });
    await peer.event('response', isA('response'));
    expect(await peer.call('update', asked, { ...forwarding, role: 'client' })).toEqual({ ok: true });
    return { proxy, client, server, peer };
  }

  async function openTun(engine: RogueEngine, machine: Machine, address: string): Promise<void> {
    const opened = await engine.call('openTun', {
      name: 'tun0',
      mtu: 1350,
      offload: true,
      backpressure: true,
    });
    expect(opened).toMatchObject({ ok: true });
    await machine.namespace.ip([`addr add ${address}/24 dev tun0`, 'link set tun0 up']);
  }

  it.for([
    { without: [], outer: 'ipv4' },
    { without: [], outer: 'ipv6' },
    { without: ['udpSegmentation'], outer: 'ipv4' },
    { without: ['udpCoalescing'], outer: 'ipv6' },
    { without: ['tunUdp'], outer: 'ipv4' },
    { without: ['tunTcp', 'tunUdp'], outer: 'ipv4' },
    { without: ['udpSteering'], outer: 'ipv4' },
    { without: ['tunQueues'], outer: 'ipv4' },
    { without: offloads, outer: 'ipv6' },
  ] as const)('carries everything, whole, without $without over $outer', async ({ without, outer }) => {
    await using cleanup = new Cleanup();
    const { proxy, client, server, peer } = await openTunnel(cleanup, without, outer);
    const traffic = new Traffic();
    for (const direction of ['up', 'down'] as const) {
      const result = await traffic.tcp(client, proxy, proxyAddress, direction, 500);
      expect(result).toMatchObject({ checksumOk: true });
      expect(result.bytes).toBeGreaterThan(1e6);
    }
    const udp = await traffic.udp(client, proxy, proxyAddress, 20e6, 500);
    expect(udp).toMatchObject({ damaged: 0, duplicates: 0 });
    expect(udp.received).toBeGreaterThan(0.95 * udp.sent);
    const isOff = (offload: Offload): boolean => (without as readonly Offload[]).includes(offload);
    // Every kernel that this runs on has the others.
    for (const offload of offloads.filter((one) => one !== 'tunUdp' || isOff(one))) {
      const inUse = [server, peer].map((engine) => engine.total(`offloads.${offload}`));
      const there = isOff(offload) ? 0 : 1;
      const forSeveralWorkers = offload === 'udpSteering' || offload === 'tunQueues';
      expect([offload, ...(await Promise.all(inUse))]).toEqual([
        offload,
        there,
        forSeveralWorkers ? 0 : there,
      ]);
    }
    for (const lost of ['datagramsHandoverLost', 'outboundDrops.handoverFull'] as const)
      expect([lost, await server.total(lost)]).toEqual([lost, 0]);
  });
});

function isA<Type extends EngineEvent['type']>(type: Type) {
  return (event: EngineEvent): event is Extract<EngineEvent, { readonly type: Type }> => event.type === type;
}
