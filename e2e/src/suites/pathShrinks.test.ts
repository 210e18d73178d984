import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { Pauses } from '../traffic/pauses.js';
import { Traffic } from '../traffic/transfer.js';

/** What a path that became narrower may cost, milliseconds. */
const affordableMs = 2000;

describe('a path that becomes narrower under a transfer', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let server: VpnServer;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create());
    server = cleanup.use(await VpnServer.start(lab));
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  /** The cable in the middle of the path, where neither end sees it. */
  async function setCable(mtu: number): Promise<void> {
    await lab.internet.ip([`link set server mtu ${mtu}`]);
    await lab.server.namespace.ip([`link set eth0 mtu ${mtu}`]);
  }

  it.for([
    ['up', 'ipv4'],
    ['down', 'ipv4'],
    ['up', 'ipv6'],
    ['down', 'ipv6'],
  ] as const)('costs a transfer %s over %s less than two seconds', async ([direction, family]) => {
    await setCable(1500);
    // A path that grew is noticed after minutes, by a new connection at once.
    const profile = await server.addClient(`${direction}-${family}`);
    await using alice = await VpnClient.start(lab, lab.client(1), profile);
    await eventually('the wide path', async () => ((await alice.status()).tunnelMtu ?? 0) >= 1400);
    const receiver = direction === 'up' ? lab.host : lab.client(1);
    await using pauses = new Pauses(receiver);
    const transfer = new Traffic()
      .tcp(lab.client(1), lab.host, lab.host[family], direction, 5000)
      .finally(() => pauses.end());
    await pauses.reset();
    await setCable(1400);
    const result = await transfer;
    expect(result).toMatchObject({ checksumOk: true });
    expect(pauses.longestMs).toBeLessThan(affordableMs);
    // Each end knows what it can send.
    const [session] = await server.sessions();
    const mtu = direction === 'up' ? (await alice.status()).tunnelMtu : session?.tunnelMtu;
    expect(mtu).toBeGreaterThanOrEqual(1280);
    expect(mtu).toBeLessThan(1400 - 40);
  });
});
