import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { Traffic } from '../traffic/transfer.js';

describe('a path that is narrower than the server’s tunnel device', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let server: VpnServer;
  let alice: VpnClient;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create());
    // 1420 bytes on the wire leave about 1350 in the tunnel; the server's device has 1400.
    await lab.internet.ip(['link set client1 mtu 1420']);
    await lab.client(1).namespace.ip(['link set eth0 mtu 1420']);
    server = cleanup.use(await VpnServer.start(lab));
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  /** Packets so far that did not fit. */
  async function oversized(): Promise<number> {
    return (await server.metrics(lab.host)).sum('masque_vpn_packet_drops_total', { reason: 'oversized' });
  }

  it('is found out and becomes the MTU of the client’s device (CIP-1202)', async () => {
    const mtu = await eventually('a tunnel MTU', async () => (await alice.status()).tunnelMtu ?? undefined);
    expect(mtu).toBeGreaterThanOrEqual(1280);
    expect(mtu).toBeLessThan(1400);
  });

  it.for(['ipv4', 'ipv6'] as const)(
    'is what TCP over %s agrees on, so that nothing is too big even where nobody is told',
    async (family) => {
      // As from a network behind the client, whose machines know nothing of the tunnel.
      const { interface: device } = await alice.status();
      await alice.machine.namespace.ip([`route replace ${lab.host[family]} dev ${device} advmss 1440`]);
      const before = await oversized();
      for (const direction of ['up', 'down'] as const) {
        const result = await new Traffic().tcp(alice.machine, lab.host, lab.host[family], direction, 500);
        expect(result.checksumOk).toBe(true);
        expect(result.bytes).toBeGreaterThan(1e6);
      }
      expect(await oversized()).toBe(before);
    },
  );

  it.for(['ipv4', 'ipv6'] as const)(
    'is told to a %s sender whose packets are too big, which are counted as oversized (CIP-1206)',
    async (family) => {
      const before = await oversized();
      const { udpPort } = await lab.host.serving();
      // 1400 bytes with all headers: right for the server's device, too big for this session.
      const answerBytes = 1400 - 8 - (family === 'ipv4' ? 20 : 40);
      const ask = async (): Promise<boolean> => {
        const question = { address: lab.host[family], port: udpPort, answerBytes, withinMs: 500 };
        return (await alice.machine.agent.call('askUdp', question)).answered;
      };
      expect(await ask()).toBe(false);
      expect(await oversized()).toBe(before + 1);
      // The host was told, and cuts its answers from now on.
      await eventually('an answer in pieces', ask);
    },
  );
});
