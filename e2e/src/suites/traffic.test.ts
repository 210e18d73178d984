import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient, type InnerAddresses } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { contract, contractNames, summarize } from '../metrics/contract.js';
import { Cleanup } from '../process/cleanup.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';

describe('two clients, a server and a host behind it', () => {
  const cleanup = new Cleanup();
  const traffic = new Traffic();
  let lab: Lab;
  let server: VpnServer;
  let alice: VpnClient;
  let bob: VpnClient;
  let aliceAddresses: InnerAddresses;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create({ clients: 2 }));
    server = cleanup.use(await VpnServer.start(lab));
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  it('exposes all 19 metrics of the contract before the first client, with the contract’s types', async () => {
    const metrics = await server.metrics(lab.host);
    expect(Object.fromEntries(contractNames.map((name) => [name, metrics.types.get(name)]))).toEqual(
      contract,
    );
    const zero = (name: string, labels: Record<string, string>): void => {
      expect(metrics.find(name, labels).map(({ value }) => value)).toEqual([0]);
    };
    for (const error_type of ['connection', 'packet', 'auth', 'tun', 'masque'])
      zero('masque_vpn_errors_total', { error_type });
    for (const reason of ['invalid', 'oversized', 'processing_error'])
      zero('masque_vpn_packet_drops_total', { reason });
    for (const status of ['success', 'failed'])
      zero('masque_vpn_masque_requests_total', { method: 'CONNECT', status });
    for (const direction of ['inbound', 'outbound']) {
      zero('masque_vpn_packet_processing_duration_seconds_count', { direction });
    }
    expect(metrics.sum('masque_vpn_tun_interface_status')).toBe(1);
    expect(metrics.sum('masque_vpn_active_connections')).toBe(0);
  });

  it('gives each client an address of either family', async () => {
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
    bob = cleanup.use(await VpnClient.start(lab, lab.client(2), await server.addClient('bob')));
    aliceAddresses = await alice.up();
    const bobAddresses = await bob.up();
    expect(aliceAddresses.ipv4).toMatch(/^10\.89\./);
    expect(aliceAddresses.ipv6).toMatch(/^fd4d:5156:504e:/);
    expect(bobAddresses.ipv4).not.toBe(aliceAddresses.ipv4);
    expect(bobAddresses.ipv6).not.toBe(aliceAddresses.ipv6);
  });

  it('carries ping over IPv4 and IPv6 to a host that has no route back', async () => {
    for (const client of [alice, bob]) {
      expect(await ping(client.machine.namespace, lab.host.ipv4)).toMatchObject({ sent: 3, received: 3 });
      expect(await ping(client.machine.namespace, lab.host.ipv6)).toMatchObject({ sent: 3, received: 3 });
    }
  });

  it('answers ping at the server’s own tunnel addresses', async () => {
    expect((await ping(alice.machine.namespace, '10.89.0.1')).received).toBe(3);
    expect((await ping(alice.machine.namespace, 'fd4d:5156:504e::1')).received).toBe(3);
  });

  it('carries packets of the full tunnel MTU and reports larger ones instead of losing them (CIP-1206)', async () => {
    const { tunnelMtu } = await alice.status();
    const largest = (tunnelMtu ?? 0) - 28;
    const fits = await ping(alice.machine.namespace, lab.host.ipv4, {
      payloadBytes: largest,
      dontFragment: true,
    });
    expect(fits.received).toBe(3);
    const tooBig = await alice.machine.namespace.run({
      program: 'ping',
      args: ['-n', '-c', '1', '-W', '1', '-M', 'do', '-s', String(largest + 1), lab.host.ipv4],
    });
    expect(tooBig.stdout + tooBig.stderr).toMatch(/message too long|Frag needed/i);
  });

  it.for([
    { direction: 'up', family: 'ipv4' },
    { direction: 'down', family: 'ipv4' },
    { direction: 'up', family: 'ipv6' },
    { direction: 'down', family: 'ipv6' },
  ] as const)('carries TCP $direction over $family with every byte intact', async ({ direction, family }) => {
    const result = await traffic.tcp(alice.machine, lab.host, lab.host[family], direction, 1000);
    expect(result.checksumOk).toBe(true);
    expect(result.bytes).toBeGreaterThan(1e6);
  });

  it('carries TCP of both clients at once', async () => {
    const results = await Promise.all([
      traffic.tcp(alice.machine, lab.host, lab.host.ipv4, 'up', 1000),
      traffic.tcp(bob.machine, lab.host, lab.host.ipv4, 'down', 1000),
    ]);
    for (const result of results) expect(result.checksumOk).toBe(true);
  });

  it('carries UDP without changing, doubling or losing datagrams at a modest rate', async () => {
    const result = await traffic.udp(alice.machine, lab.host, lab.host.ipv4, 5e6, 1000);
    expect(result.sent).toBeGreaterThan(250);
    expect(result).toMatchObject({ duplicates: 0, damaged: 0 });
    // A busy test machine may lose one burst; a broken tunnel loses far more.
    expect(result.lossPercent).toBeLessThan(2);
  });

  it('counts what was carried under the right client', async () => {
    const before = await server.metrics(lab.host);
    const { bytes } = await traffic.tcp(alice.machine, lab.host, lab.host.ipv4, 'up', 500);
    const after = await server.metrics(lab.host);
    const growth = (name: string, client_id: string): number =>
      after.sum(name, { client_id }) - before.sum(name, { client_id });
    expect(growth('masque_vpn_bytes_received_total', 'alice')).toBeGreaterThan(bytes);
    expect(growth('masque_vpn_packets_received_total', 'alice')).toBeGreaterThan(bytes / 65_536);
    expect(growth('masque_vpn_bytes_sent_total', 'alice')).toBeGreaterThan(0);
    expect(growth('masque_vpn_bytes_received_total', 'bob')).toBeLessThan(10_000);
  });

  it('moves every metric that traffic should move', async () => {
    const summary = summarize(await server.metrics(lab.host));
    expect(summary).toMatchObject({
      masque_vpn_active_connections: 2,
      masque_vpn_total_connections: 2,
      masque_vpn_masque_requests_total: 2,
      masque_vpn_masque_request_duration_seconds: 2,
      masque_vpn_ip_pool_used: 2,
      masque_vpn_ip_pool_total: 65_533,
      masque_vpn_ip_pool_available: 65_531,
      masque_vpn_errors_total: 0,
    });
    expect(summary.masque_vpn_packet_processing_duration_seconds).toBeGreaterThan(100);
    expect(summary.masque_vpn_quic_streams_total).toBeGreaterThanOrEqual(2);
  });

  it('says the same in the API as in the metrics', async () => {
    const sessions = await server.sessions();
    expect(sessions.map(({ clientId }) => clientId).sort()).toEqual(['alice', 'bob']);
    expect(sessions.find(({ clientId }) => clientId === 'alice')?.addresses).toContain(aliceAddresses.ipv4);
    expect(await server.status()).toMatchObject({ sessions: { open: 2, total: 2 }, tun: { active: true } });
    const health = await lab.host.agent.call('get', { url: 'http://203.0.113.1:8080/health' });
    expect(health.status).toBe(200);
  });

  it('keeps administration away from everybody but loopback and the socket', async () => {
    const { status } = await lab.host.agent.call('get', { url: 'http://203.0.113.1:8080/api/v1/clients' });
    expect(status).toBeGreaterThanOrEqual(400);
  });

  it('observes a session’s duration when a client leaves, and keeps its series', async () => {
    await bob.process.end('SIGTERM');
    await expect.poll(async () => (await server.sessions()).length).toBe(1);
    const metrics = await server.metrics(lab.host);
    expect(metrics.sum('masque_vpn_connection_duration_seconds_count', { client_id: 'bob' })).toBe(1);
    expect(metrics.find('masque_vpn_bytes_received_total', { client_id: 'bob' })).toHaveLength(1);
    expect(metrics.sum('masque_vpn_active_connections')).toBe(1);
  });
});
