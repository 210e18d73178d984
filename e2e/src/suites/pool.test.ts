import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Cleanup } from '../process/cleanup.js';
import { RogueClient } from '../rogue/rogueClient.js';
import { ping } from '../traffic/ping.js';

describe('a pool with room for one client', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let server: VpnServer;
  let alice: VpnClient;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create({ clients: 2 }));
    server = cleanup.use(await VpnServer.start(lab, { settings: { pool: { ipv4: ['10.89.0.0/30'] } } }));
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  it('answers 503 to the next and disturbs nothing', async () => {
    const profile = await server.addClient('bob');
    await using bob = await RogueClient.create(lab.client(2).namespace, profile, lab.server.ipv4);
    const connectionId = await bob.connected();
    expect(await bob.request(connectionId)).toMatchObject({ status: 503 });
    const metrics = await server.metrics(lab.host);
    expect(metrics.sum('masque_vpn_ip_pool_available')).toBe(0);
    expect(metrics.sum('masque_vpn_masque_requests_total', { status: 'failed' })).toBe(1);
    expect(metrics.sum('masque_vpn_active_connections')).toBe(1);
    expect((await ping(alice.machine.namespace, lab.host.ipv4)).received).toBe(3);
  });
});
