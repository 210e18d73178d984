import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Prometheus } from '../monitoring/prometheus.js';
import { Proof } from '../monitoring/proof.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { RogueClient } from '../rogue/rogueClient.js';
import { ping } from '../traffic/ping.js';

/** Sessions that fill a /28 besides alice's: 16 addresses without network, broadcast and the server's own. */
const others = 12;

describe('a real Prometheus and a server in trouble', () => {
  const cleanup = new Cleanup();
  const proof = new Proof('alerts');
  let lab: Lab;
  let server: VpnServer;
  let prometheus: Prometheus;
  let alice: VpnClient;
  let mallory: RogueClient;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create({ clients: 2 }));
    server = cleanup.use(
      await VpnServer.start(lab, {
        settings: {
          pool: { ipv4: ['10.89.0.0/28'], quarantine_seconds: 1 },
          sessions: { per_client: 16 },
        },
      }),
    );
    // Long enough to be seen pending, at an evaluation every second.
    prometheus = cleanup.use(
      await Prometheus.start(lab.host, `${lab.directory}/prometheus`, '203.0.113.1:8080', '3s'),
    );
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
    const profile = await server.addClient('mallory');
    mallory = cleanup.use(await RogueClient.create(lab.client(2).namespace, profile, lab.server.ipv4));
  }, 90_000);
  afterAll(async () => {
    await proof.write();
    await cleanup[Symbol.asyncDispose]();
  });

  type State = 'pending' | 'firing' | 'inactive';
  /** Waits until an alert is in a state. */
  async function becomes(name: string, state: State): Promise<void> {
    await eventually(
      `${name} ${state}`,
      async () => {
        const found = (await prometheus.alerts()).find((alert) => alert.name === name);
        return (found?.state ?? 'inactive') === state;
      },
      20_000,
    );
    proof.add(name, 'alert', state, state);
  }
  const scraped = (selector: string): Promise<number> =>
    prometheus.afterScrape(() => prometheus.value(`sum(${selector})`));

  it('exhausts the pool: IPPoolExhaustion is pending, fires, and is resolved', async () => {
    await becomes('IPPoolExhaustion', 'inactive');
    const connectionId = await mallory.connected();
    for (let number = 0; number < others; number++) {
      expect(await mallory.request(connectionId)).toMatchObject({ status: 200 });
    }
    await becomes('IPPoolExhaustion', 'pending');
    expect(await scraped('masque_vpn_ip_pool_available')).toBe(0);
    expect(await scraped('masque_vpn_ip_pool_used')).toBe(others + 1);
    expect(await mallory.request(connectionId)).toMatchObject({ status: 503 });
    await becomes('IPPoolExhaustion', 'firing');
    await mallory.engine.call('closeConnection', connectionId, 0x100, '');
    await becomes('IPPoolExhaustion', 'inactive');
    await expect.poll(() => scraped('masque_vpn_ip_pool_used')).toBe(1);
  });

  it('counts every UDP packet that the kernel does not send as a connection error', async () => {
    const errors = 'masque_vpn_errors_total{error_type="connection"}';
    const before = await scraped(errors);
    const { namespace } = lab.server;
    const nft = (command: string): Promise<string> =>
      namespace.mustRun({ program: 'nft', args: command.split(' ') });
    const dropped = async (): Promise<number> =>
      Number(/packets (\d+) bytes \d+ drop/.exec(await nft('list table inet trouble'))?.[1]);
    await nft('add table inet trouble');
    await nft('add chain inet trouble out { type filter hook output priority 0 ; }');
    await nft('add rule inet trouble out udp sport 443 counter drop');
    await ping(alice.machine.namespace, lab.host.ipv4, { count: 3 });
    await eventually('a packet that was not sent', async () => (await dropped()) >= 3);
    await nft('insert rule inet trouble out accept');
    const expected = await dropped();
    await nft('delete table inet trouble');
    const grown = (await scraped(errors)) - before;
    proof.add(errors, 'packets that a firewall refused to send', expected, grown);
    expect(grown).toBe(expected);
    await eventually('a tunnel that works again', async () => {
      return (await ping(alice.machine.namespace, lab.host.ipv4, { count: 1 })).received === 1;
    });
  });

  it('loses its TUN: TunDown fires, packets are dropped and counted, and everything comes back', async () => {
    const errors = 'masque_vpn_errors_total{error_type="tun"}';
    const drops = 'masque_vpn_packet_drops_total{reason="processing_error"}';
    const errorsBefore = await scraped(errors);
    const dropsBefore = await scraped(drops);
    // Another program takes the name at once, so that the server cannot just open it anew.
    await lab.server.namespace.ip(['link delete masque0', 'tuntap add masque0 mode tap']);
    await becomes('TunDown', 'pending');
    expect(await prometheus.value('masque_vpn_tun_interface_status')).toBe(0);
    await ping(alice.machine.namespace, lab.host.ipv4, { count: 5 });
    await becomes('TunDown', 'firing');
    const dropsGrown = (await scraped(drops)) - dropsBefore;
    const errorsGrown = (await scraped(errors)) - errorsBefore;
    proof.add(drops, '5 pings without a TUN', 5, dropsGrown);
    proof.add(errors, 'the TUN was lost', 1, errorsGrown);
    await lab.server.namespace.ip(['link delete masque0']);
    await becomes('TunDown', 'inactive');
    expect(await scraped('masque_vpn_tun_interface_status')).toBe(1);
    await eventually('a tunnel that works again', async () => {
      return (await ping(alice.machine.namespace, lab.host.ipv4, { count: 1 })).received === 1;
    });
    expect(errorsGrown).toBe(1);
    expect(dropsGrown).toBe(5);
  });

  it('dies and comes back: ServerDown fires and is resolved, then ServerRestarted fires', async () => {
    await becomes('ServerRestarted', 'inactive');
    await server.process.end('SIGKILL');
    await becomes('ServerDown', 'pending');
    await becomes('ServerDown', 'firing');
    await server.start();
    await becomes('ServerDown', 'inactive');
    await becomes('ServerRestarted', 'firing');
    await eventually(
      'alice again',
      async () => (await scraped('masque_vpn_active_connections')) === 1,
      30_000,
    );
  });
});
