import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { takesKernelPrograms } from '../network/kernelPrograms.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';

/** Enough that one worker rarely gets them all: once in 32 times, and then the rest still holds. */
const clientCount = 6;

describe('a server with two workers', () => {
  const cleanup = new Cleanup();
  const traffic = new Traffic();
  let lab: Lab;
  let server: VpnServer;
  const clients: VpnClient[] = [];

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create({ clients: clientCount }));
    server = cleanup.use(await VpnServer.start(lab, { settings: { tunnel: { workers: 2 } } }));
    for (let number = 1; number <= clientCount; number++) {
      const profile = await server.addClient(`client-${number}`);
      const client = cleanup.use(await VpnClient.start(lab, lab.client(number), profile));
      await client.up();
      clients.push(client);
    }
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  it('says that each has its datagrams and a queue', async () => {
    const metrics = await server.metrics(lab.host);
    const inUse = (offload: string) =>
      metrics.find('masque_vpn_engine_offload', { offload }).map(({ value }) => value);
    for (const offload of ['udpSteering', 'tunQueues']) expect(inUse(offload)).toEqual([1]);
    expect(inUse('tunSteering')).toEqual([takesKernelPrograms() ? 1 : 0]);
    expect(metrics.sum('masque_vpn_active_connections')).toBe(clientCount);
  });

  it('answers every client over IPv4 and IPv6', async () => {
    for (const client of clients) {
      expect((await ping(client.machine.namespace, lab.host.ipv4)).received).toBe(3);
      expect((await ping(client.machine.namespace, lab.host.ipv6)).received).toBe(3);
    }
  });

  it.for(['up', 'down'] as const)('carries all clients at once, whole, %s', async (direction) => {
    const transfers = clients.map((client) =>
      traffic.tcp(client.machine, lab.host, lab.host.ipv4, direction, 1_000),
    );
    for (const result of await Promise.all(transfers)) {
      expect(result).toMatchObject({ checksumOk: true });
      expect(result.bytes).toBeGreaterThan(1e5);
    }
  });

  it('accounts for every packet', async () => {
    await eventually('the last packets', async () => {
      const metrics = await server.metrics(lab.host);
      for (const direction of ['inbound', 'outbound'])
        expect(metrics.sum('masque_vpn_packets_unaccounted', { direction })).toBe(0);
      expect(metrics.sum('masque_vpn_engine_drops_total', { reason: 'handoverFull' })).toBe(0);
      return true;
    });
  });
});
