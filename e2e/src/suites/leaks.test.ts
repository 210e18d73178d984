import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { RogueClient } from '../rogue/rogueClient.js';

const rounds = 200;

describe('200 connects and disconnects in a row', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let server: VpnServer;
  let client: RogueClient;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create());
    server = cleanup.use(await VpnServer.start(lab, { settings: { pool: { quarantine_seconds: 1 } } }));
    client = cleanup.use(
      await RogueClient.create(lab.client(1).namespace, await server.addClient('alice'), lab.server.ipv4),
    );
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  const round = async (): Promise<void> => {
    const { connectionId, sessionId } = await client.session();
    await client.engine.call('finish', sessionId);
    await client.closed(sessionId);
    await client.engine.call('closeConnection', connectionId, 0x100, '');
  };
  const gone = async (): Promise<void> => {
    await eventually('no session left', async () => (await server.sessions()).length === 0);
  };

  it('leak no descriptor, no memory, no lease and no series', async () => {
    // What is made once and kept (pools, compiled code, series) is made in the first rounds.
    for (let number = 0; number < 20; number++) await round();
    await gone();
    const files = server.process.openFiles();
    const clientFiles = client.engine.openFiles();
    const memory = server.process.residentBytes();
    const series = (await server.metrics(lab.host)).samples.length;

    for (let number = 0; number < rounds; number++) await round();
    await gone();
    const metrics = await server.metrics(lab.host);
    expect(metrics.sum('masque_vpn_total_connections')).toBe(rounds + 20);
    expect(metrics.sum('masque_vpn_connection_duration_seconds_count')).toBe(rounds + 20);
    expect(metrics.samples.length).toBe(series);
    // The scraper's own connection may be open or not.
    expect(server.process.openFiles()).toBeLessThanOrEqual(files + 2);
    expect(client.engine.openFiles()).toBeLessThanOrEqual(clientFiles + 2);
    // 100 kB a round would be a leaked session; less is the garbage collector's business.
    expect(server.process.residentBytes() - memory).toBeLessThan(rounds * 100_000);
    await eventually(
      'all leases free',
      async () => (await server.metrics(lab.host)).sum('masque_vpn_ip_pool_used') === 0,
    );
  });
});
