import { offloads, type Offload } from '@masque-vpn/engine';
import { describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { takesKernelPrograms } from '../network/kernelPrograms.js';
import { Cleanup } from '../process/cleanup.js';
import { RogueEngine } from '../rogue/rogueEngine.js';
import { RogueProxy } from '../rogue/rogueProxy.js';
import { Traffic } from '../traffic/transfer.js';

const proxyAddress = '10.77.0.1';
const clientAddress = '10.77.0.2';
/** Of no use to a single worker. */
const forSeveralWorkers: readonly Offload[] = ['udpSteering', 'tunQueues', 'tunSteering'];

describe('a tunnel whose host lacks an offload', () => {
  /** A tunnel between two engines that do `without` something, over one family of addresses outside. */
  async function openTunnel(cleanup: Cleanup, without: readonly Offload[], outer: 'ipv4' | 'ipv6') {
    const lab = cleanup.use(await Lab.create());
    const [proxy, client] = [lab.server, lab.client(1)];
    const server = cleanup.use(new RogueEngine(proxy.namespace, { without, workers: 2 }));
    const peer = cleanup.use(new RogueEngine(client.namespace, { without }));
    await server.openTun('tun0', `${proxyAddress}/24`);
    await peer.openTun('tun0', `${clientAddress}/24`);
    const listening = await RogueProxy.listen(proxy, server);
    await listening.accept(peer, outer, `${clientAddress}/32`);
    return { proxy, client, server, peer };
  }

  it.for([
    { without: [], outer: 'ipv4' },
    { without: [], outer: 'ipv6' },
    { without: ['udpSegmentation'], outer: 'ipv4' },
    { without: ['udpCoalescing'], outer: 'ipv6' },
    { without: ['tunUdp'], outer: 'ipv4' },
    { without: ['tunTcp', 'tunUdp'], outer: 'ipv4' },
    { without: ['udpSteering'], outer: 'ipv4' },
    { without: ['tunQueues', 'tunSteering'], outer: 'ipv4' },
    { without: ['tunSteering'], outer: 'ipv4' },
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
    const absent: readonly Offload[] = [
      ...without,
      ...(takesKernelPrograms() ? [] : ['tunSteering' as const]),
    ];
    const isOff = (offload: Offload): boolean => absent.includes(offload);
    // Every kernel that this runs on has the others.
    for (const offload of offloads.filter((one) => one !== 'tunUdp' || isOff(one))) {
      const inUse = [server, peer].map((engine) => engine.total(`offloads.${offload}`));
      const there = isOff(offload) ? 0 : 1;
      expect([offload, ...(await Promise.all(inUse))]).toEqual([
        offload,
        there,
        forSeveralWorkers.includes(offload) ? 0 : there,
      ]);
    }
    for (const lost of ['datagramsHandoverLost', 'outboundDrops.handoverFull'] as const)
      expect([lost, await server.total(lost)]).toEqual([lost, 0]);
  });
});
