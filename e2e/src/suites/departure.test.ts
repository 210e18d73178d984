import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { hostState } from '../network/hostState.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { ping } from '../traffic/ping.js';

const idleTimeoutSeconds = 3;
const quarantineSeconds = 4;

describe('a client that is killed', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let server: VpnServer;
  let alice: VpnClient;
  let bob: VpnClient;

  const gauge = async (name: string): Promise<number> =>
    (await server.metrics(lab.host)).sum(`masque_vpn_${name}`);

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create({ clients: 2 }));
    server = cleanup.use(
      await VpnServer.start(lab, {
        settings: {
          sessions: { idle_timeout_seconds: idleTimeoutSeconds },
          pool: { quarantine_seconds: quarantineSeconds },
        },
      }),
    );
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
    bob = cleanup.use(await VpnClient.start(lab, lab.client(2), await server.addClient('bob')));
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  it('loses its session after the idle timeout, its address going to quarantine and then free', async () => {
    expect(await gauge('active_connections')).toBe(2);
    await bob.process.end('SIGKILL');
    const used = await eventually('one session', async () => {
      // Of one scrape: the quarantine may be over at the next.
      const metrics = await server.metrics(lab.host);
      return metrics.sum('masque_vpn_active_connections') === 1 && metrics.sum('masque_vpn_ip_pool_used');
    });
    expect(used).toBe(2);
    await eventually('the address free', async () => (await gauge('ip_pool_used')) === 1);
    expect((await server.sessions()).map(({ clientId }) => clientId)).toEqual(['alice']);
  });

  it('leaves the others alone', async () => {
    expect((await ping(alice.machine.namespace, lab.host.ipv4)).received).toBe(3);
  });

  it('starts again on what the dead one left, gets its addresses back and leaves the machine clean', async () => {
    bob.launch();
    await bob.up();
    expect((await ping(bob.machine.namespace, lab.host.ipv6)).received).toBe(3);
    await bob.process.end('SIGTERM');
    const clean = await hostState(bob.machine.namespace);
    expect(clean).toMatchObject({ nft: [] });
    expect(clean['links']).toHaveLength(2);
    expect(clean['rules']?.join()).not.toContain('2801');
  });

  it('replaces its own session at once when it comes back before the timeout, with the same addresses', async () => {
    bob.launch();
    const before = await bob.up();
    await bob.process.end('SIGKILL');
    bob.launch();
    expect(await bob.up()).toEqual(before);
    expect((await server.sessions()).filter(({ clientId }) => clientId === 'bob')).toHaveLength(1);
  });
});
