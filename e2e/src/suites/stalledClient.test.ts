import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';

describe('a client that stops in the middle of a download', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let bob: VpnClient;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create({ clients: 2 }));
    const server = cleanup.use(await VpnServer.start(lab));
    cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
    bob = cleanup.use(await VpnClient.start(lab, lab.client(2), await server.addClient('bob')));
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  it('delays nobody else, and goes on where it was', async () => {
    const received = async (): Promise<number> => (await lab.client(2).agent.call('moved', null)).bytes;
    const traffic = new Traffic();
    const download = traffic.tcp(lab.client(2), lab.host, lab.host.ipv4, 'down', 4_000);
    await eventually('the first bytes of the download', async () => (await received()) > 1e6);
    bob.process.kill('SIGSTOP');
    const atStop = await received();
    const up = await traffic.tcp(lab.client(1), lab.host, lab.host.ipv4, 'up', 500);
    const down = await traffic.tcp(lab.client(1), lab.host, lab.host.ipv6, 'down', 500);
    const echo = await ping(lab.client(1).namespace, lab.host.ipv4, { count: 20 });
    const duringStop = (await received()) - atStop;
    bob.process.kill('SIGCONT');

    expect(up).toMatchObject({ checksumOk: true });
    expect(down).toMatchObject({ checksumOk: true });
    for (const { bytes } of [up, down]) expect(bytes).toBeGreaterThan(1e6);
    expect(echo.received).toBe(20);
    // What was on its way when bob stopped may still arrive; a running tunnel would have moved far more.
    expect(duringStop).toBeLessThan(down.bytes / 4);
    expect(await download).toMatchObject({ checksumOk: true });
  });
});
