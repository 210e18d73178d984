import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient, type InnerAddresses } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { echoRequestsReceived } from '../network/icmpCounters.js';
import { Cleanup } from '../process/cleanup.js';
import { RogueClient } from '../rogue/rogueClient.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';

describe('a client that filters nothing itself', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let server: VpnServer;
  let alice: VpnClient;
  let aliceAddresses: InnerAddresses;
  let mallory: RogueClient;
  let malloryAddresses: InnerAddresses;

  const invalidDrops = async (): Promise<number> =>
    (await server.metrics(lab.host)).sum('masque_vpn_packet_drops_total', { reason: 'invalid' });

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create({ clients: 2 }));
    server = cleanup.use(await VpnServer.start(lab));
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
    aliceAddresses = await alice.up();
    const profile = await server.addClient('mallory');
    mallory = cleanup.use(await RogueClient.create(lab.client(2).namespace, profile, lab.server.ipv4));
    const { sessionId } = await mallory.session();
    const own = (await server.sessions()).find(({ clientId }) => clientId === 'mallory')?.addresses ?? [];
    malloryAddresses = {
      ipv4: own.find((address) => !address.includes(':')) ?? '',
      ipv6: own.find((address) => address.includes(':')) ?? '',
    };
    await mallory.attachTun(
      sessionId,
      'rogue0',
      [
        ...[`${malloryAddresses.ipv4}/32`, `${malloryAddresses.ipv6}/128`],
        ...[`${aliceAddresses.ipv4}/32`, `${aliceAddresses.ipv6}/128`],
        ...['198.51.100.7/32', '2001:db8:bad::7/128'],
      ],
      ['203.0.113.0/24', '2001:db8:1a::/64', '10.89.0.0/16', 'fd4d:5156:504e::/64'],
    );
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  it('reaches the host from its own addresses', async () => {
    const { namespace } = lab.client(2);
    expect((await ping(namespace, lab.host.ipv4, { from: malloryAddresses.ipv4 })).received).toBe(3);
    expect((await ping(namespace, lab.host.ipv6, { from: malloryAddresses.ipv6 })).received).toBe(3);
  });

  it.for(['another client’s', 'a stranger’s'] as const)(
    'gets nothing through from %s address (CIP-1003, CIP-1004)',
    async (whose) => {
      const stranger = { ipv4: '198.51.100.7', ipv6: '2001:db8:bad::7' };
      const source = whose === 'a stranger’s' ? stranger : aliceAddresses;
      const arrivedBefore = await echoRequestsReceived(lab.host.namespace);
      const droppedBefore = await invalidDrops();
      const { namespace } = lab.client(2);
      expect((await ping(namespace, lab.host.ipv4, { from: source.ipv4 })).received).toBe(0);
      expect((await ping(namespace, lab.host.ipv6, { from: source.ipv6 })).received).toBe(0);
      expect(await echoRequestsReceived(lab.host.namespace)).toEqual(arrivedBefore);
      expect((await invalidDrops()) - droppedBefore).toBeGreaterThanOrEqual(6);
    },
  );

  it('does not reach another client (CIP-1016)', async () => {
    const arrivedBefore = await echoRequestsReceived(alice.machine.namespace);
    const { namespace } = lab.client(2);
    // Its own copy of alice's address would answer locally.
    await namespace.ip([
      `addr del ${aliceAddresses.ipv4}/32 dev rogue0`,
      `addr del ${aliceAddresses.ipv6}/128 dev rogue0`,
    ]);
    expect((await ping(namespace, aliceAddresses.ipv4, { from: malloryAddresses.ipv4 })).received).toBe(0);
    expect((await ping(namespace, aliceAddresses.ipv6, { from: malloryAddresses.ipv6 })).received).toBe(0);
    expect(await echoRequestsReceived(alice.machine.namespace)).toEqual(arrivedBefore);
  });

  it('harms nobody else', async () => {
    expect((await ping(alice.machine.namespace, lab.host.ipv4)).received).toBe(3);
    const result = await new Traffic().tcp(alice.machine, lab.host, lab.host.ipv6, 'down', 500);
    expect(result.checksumOk).toBe(true);
  });
});
