import type { TotalColumn } from '@masque-vpn/engine';
import { describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { takesKernelPrograms } from '../network/kernelPrograms.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { RogueEngine, type RogueEngineOptions } from '../rogue/rogueEngine.js';
import { RogueProxy } from '../rogue/rogueProxy.js';

const sessionCount = 12;
const flowsPerSession = 4;

describe('packets for sessions of two workers, of flows that nobody has answered', () => {
  /** Sends some to each session; what the engine counted of them. */
  async function send(options: RogueEngineOptions) {
    await using cleanup = new Cleanup();
    const lab = cleanup.use(await Lab.create());
    const server = cleanup.use(new RogueEngine(lab.server.namespace, { ...options, workers: 2 }));
    const peer = cleanup.use(new RogueEngine(lab.client(1).namespace));
    await server.openTun('tun0', '10.77.0.1/24');
    const proxy = await RogueProxy.listen(lab.server, server);
    const addresses = Array.from({ length: sessionCount }, (_, index) => `10.77.0.${index + 2}`);
    const workers = new Set<bigint>();
    for (const address of addresses) {
      const { answered } = await proxy.accept(peer, 'ipv4', `${address}/32`);
      workers.add(BigInt(answered) % 2n);
    }
    // That one worker gets them all is an accident of one in two thousand, and would prove nothing.
    expect(workers.size).toBe(2);
    const flows = addresses.flatMap((address) => Array<string>(flowsPerSession).fill(address));
    const sending = flows.map((address, id) =>
      lab.server.agent.call('sendUdp', {
        ...{ id, address, port: 9, forMs: 100, bitsPerSecond: 800_000, payloadBytes: 100 },
      }),
    );
    const sent = (await Promise.all(sending)).reduce((sum, flow) => sum + flow.sent, 0);
    const total = async (column: TotalColumn) => server.total(column);
    await eventually('the last packet', async () => (await total('outboundForwarded')) >= sent);
    return {
      sent,
      steering: await total('offloads.tunSteering'),
      failures: await total('tunSteeringFailures'),
      handedOver: await total('framesHandedOver'),
      queues: await total('offloads.tunQueues'),
    };
  }

  it('wait in the queue of the worker that they belong to', async () => {
    const counted = await send({});
    expect(counted).toMatchObject({ queues: 1, failures: 0, steering: takesKernelPrograms() ? 1 : 0 });
    if (takesKernelPrograms()) expect(counted.handedOver).toBe(0);
    else expect(counted.handedOver).toBeGreaterThan(0);
  });

  it.for([
    { what: 'the kernel is not asked', options: { without: ['tunSteering'] } },
    { what: 'the kernel refuses', options: { lacking: ['bpf', 'sys_admin'] } },
  ] as const)('arrive all the same, handed over, when $what', async ({ options }) => {
    const counted = await send(options);
    expect(counted).toMatchObject({ queues: 1, failures: 0, steering: 0 });
    expect(counted.handedOver).toBeGreaterThan(0);
    expect(counted.handedOver).toBeLessThan(counted.sent);
  });
});
