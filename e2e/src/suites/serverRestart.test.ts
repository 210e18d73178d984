import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { hostState } from '../network/hostState.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { ping } from '../traffic/ping.js';

describe('a server that comes and goes', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let server: VpnServer;
  let alice: VpnClient;
  let before: Awaited<ReturnType<typeof hostState>>;
  let clientBefore: Awaited<ReturnType<typeof hostState>>;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create());
    before = await hostState(lab.server.namespace);
    clientBefore = await hostState(lab.client(1).namespace);
    server = cleanup.use(await VpnServer.start(lab, { settings: { sessions: { idle_timeout_seconds: 3 } } }));
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  it('is noticed by its client when it is killed, which reconnects with the same addresses when it is back', async () => {
    const addresses = await alice.up();
    await server.process.end('SIGKILL');
    const { lastError } = await eventually(
      'the client saying so',
      async () => {
        const status = await alice.status();
        return status.state !== 'up' && status.lastError !== null ? status : undefined;
      },
      20_000,
    );
    expect(lastError?.code).toMatch(/^[A-Z_]+$/);
    await server.start();
    expect(await alice.up(30_000)).toEqual(addresses);
    expect((await ping(alice.machine.namespace, lab.host.ipv4)).received).toBe(3);
    expect((await ping(alice.machine.namespace, lab.host.ipv6)).received).toBe(3);
  });

  it('tells its client when it stops in order, and leaves its machine as it was', async () => {
    const { code } = await server.process.end('SIGTERM');
    expect(code).toBe(0);
    expect(await hostState(lab.server.namespace)).toEqual(before);
    await eventually('the client saying so', async () => (await alice.status()).state !== 'up', 3000);
  });

  it('leaves its machine as it was on Ctrl-C, too', async () => {
    await server.start();
    await alice.up(30_000);
    expect(await hostState(lab.server.namespace)).not.toEqual(before);
    const { code } = await server.process.end('SIGINT');
    expect(code).toBe(0);
    expect(await hostState(lab.server.namespace)).toEqual(before);
  });

  it('leaves the client’s machine as it was when the client ends while there is no server', async () => {
    const { code } = await alice.process.end('SIGTERM');
    expect(code).toBe(0);
    expect(await hostState(alice.machine.namespace)).toEqual(clientBefore);
  });
});
