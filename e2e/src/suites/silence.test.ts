import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient, type InnerAddresses } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';

/** After so much silence the server gives a client up, seconds: a minute in little. */
const idleSeconds = 2;

describe('a client of which nothing is heard', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let server: VpnServer;
  let alice: VpnClient;
  let inner: InnerAddresses;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create());
    const settings = { sessions: { idle_timeout_seconds: idleSeconds } };
    server = cleanup.use(await VpnServer.start(lab, { settings }));
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
    inner = await alice.up();
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  it('keeps its session while it has nothing to say (CIP-117)', async () => {
    const [before] = await server.sessions();
    const since = Date.now();
    await eventually('a silence of three idle periods', () => Date.now() - since > 3 * idleSeconds * 1000);
    expect((await ping(alice.machine.namespace, lab.host.ipv4)).received).toBe(3);
    expect((await server.sessions()).map(({ id }) => id)).toEqual([before?.id]);
  });

  it('goes on with a transfer when it wakes up long after it was given up', async () => {
    const received = async (): Promise<number> => (await lab.client(1).agent.call('moved', null)).bytes;
    const download = new Traffic().tcp(lab.client(1), lab.host, lab.host.ipv4, 'down', 1500);
    await eventually('the first bytes of the download', async () => (await received()) > 1e6);
    alice.process.kill('SIGSTOP');
    await eventually('the server to give it up', async () => (await server.sessions()).length === 0);
    alice.process.kill('SIGCONT');
    expect(await download).toMatchObject({ checksumOk: true });
    expect(await alice.up()).toEqual(inner);
    expect(await server.sessions()).toHaveLength(1);
  });
});
