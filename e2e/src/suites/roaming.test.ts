import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { StatelessNat } from '../lab/statelessNat.js';
import { VpnClient, type InnerAddresses } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { Pauses } from '../traffic/pauses.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';

/** How often a client is heard whatever happens (`keepAlive` of its connection), milliseconds. */
const keepAliveMs = 10_000;

describe('a client that moves', () => {
  const cleanup = new Cleanup();
  const traffic = new Traffic();
  let lab: Lab;
  let server: VpnServer;
  let alice: VpnClient;
  let inner: InnerAddresses;
  let id: string;
  /** Where the client's socket is bound. */
  let clientPort: number;
  /** Number of the network that the client is in. */
  let network = 1;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create());
    server = cleanup.use(await VpnServer.start(lab));
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
    inner = await alice.up();
    const first = await session();
    id = first.id;
    clientPort = Number(first.remoteAddress.split(':')[1]);
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  async function session() {
    const [only] = await server.sessions();
    if (only === undefined) throw new Error('no session');
    return only;
  }

  function address(number: number): string {
    return number === 1 ? lab.client(1).ipv4 : `198.19.${number}.2`;
  }

  /** Takes the client's address away and gives it one of another network. */
  async function move(): Promise<void> {
    const before = address(network);
    network += 1;
    const gateway = `198.19.${network}.1`;
    await lab.internet.ip([`addr add ${gateway}/24 dev client1`]);
    await lab
      .client(1)
      .namespace.ip([
        `addr add ${address(network)}/24 dev eth0`,
        `route replace default via ${gateway}`,
        `addr del ${before}/24 dev eth0`,
      ]);
  }

  async function expectSameSession(): Promise<void> {
    expect((await session()).id).toBe(id);
    expect(await alice.up()).toEqual(inner);
  }

  /** A transfer whose bytes move already, and how long they stand still from now on. */
  async function begin(direction: 'up' | 'down') {
    const pauses = new Pauses(direction === 'up' ? lab.host : lab.client(1));
    const result = traffic
      .tcp(lab.client(1), lab.host, lab.host.ipv4, direction, 3000)
      .finally(() => pauses.end());
    await pauses.reset();
    return { pauses, result, [Symbol.asyncDispose]: () => pauses[Symbol.asyncDispose]() };
  }

  /** The transfer is whole, and its client did not wait for a keep-alive to tell the server where it is. */
  async function expectToSurvive(transfer: Awaited<ReturnType<typeof begin>>): Promise<void> {
    expect(await transfer.result).toMatchObject({ checksumOk: true });
    expect(transfer.pauses.longestMs).toBeLessThan(keepAliveMs / 2);
    await expectSameSession();
  }

  it.for(['up', 'down'] as const)('keeps its session under a transfer %s (CIP-1308)', async (direction) => {
    await using transfer = await begin(direction);
    await move();
    await eventually(
      'the new address',
      async () => (await session()).remoteAddress === `${address(network)}:${clientPort}`,
    );
    await expectToSurvive(transfer);
  });

  it('keeps it when it moves in silence', async () => {
    await move();
    expect((await ping(alice.machine.namespace, lab.host.ipv6)).received).toBe(3);
    expect((await session()).remoteAddress).toBe(`${address(network)}:${clientPort}`);
    await expectSameSession();
  });

  it.for(['up', 'down'] as const)(
    'keeps it when a router forgets its port under a transfer %s',
    async (direction) => {
      const client = address(network);
      const flow = { client, clientPort, server: lab.server.ipv4, serverPort: 443 };
      const nat = new StatelessNat(lab.internet, flow);
      await using transfer = await begin(direction);
      await nat.setPort(40_001);
      await eventually('the first port', async () => (await session()).remoteAddress === `${client}:40001`);
      await nat.setPort(40_002);
      await eventually('the second port', async () => (await session()).remoteAddress === `${client}:40002`);
      await expectToSurvive(transfer);
      await nat.setPort(clientPort);
    },
  );
});
