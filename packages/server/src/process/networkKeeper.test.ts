import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import type { NetworkError, NetworkResult, ServerNetwork } from '../network/network.js';
import { noReach, type HostReach } from '../network/reach.js';
import { NetworkKeeper } from './networkKeeper.js';

const silent = pino({ level: 'silent' });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class StubNetwork implements ServerNetwork {
  readonly tun = {
    name: 'masque0',
    index: 7,
    offloads: { vnetHeader: true, tcp: true, udp: true, queues: false, steering: false },
  };
  readonly warnings = [];
  closed = 0;
  readonly released: string[] = [];
  readonly reaches: HostReach[] = [];

  async refresh(): Promise<NetworkResult<void>> {
    return { ok: true, value: undefined };
  }
  async setReach(reach: HostReach): Promise<NetworkResult<void>> {
    this.reaches.push(reach);
    return { ok: true, value: undefined };
  }
  async releaseAddress(address: string): Promise<void> {
    this.released.push(address);
  }
  async close(): Promise<NetworkResult<void>> {
    this.closed += 1;
    return { ok: true, value: undefined };
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

let clock: ManualClock;
let answers: NetworkResult<ServerNetwork>[];
let problems: string[];
let keeper: NetworkKeeper;

const missing: NetworkError = { code: 'TUN_MISSING', message: '/dev/net/tun is missing' };
const works = (): { readonly ok: true; readonly value: StubNetwork } => ({
  ok: true,
  value: new StubNetwork(),
});

beforeEach(() => {
  clock = new ManualClock();
  answers = [];
  problems = [];
  keeper = new NetworkKeeper({
    open: async () => answers.shift() ?? { ok: false, error: missing },
    clock,
    logger: silent,
    onProblem: ({ code }) => problems.push(code),
  });
});

async function seconds(count: number): Promise<void> {
  for (let second = 0; second < count; second += 1) {
    clock.advance(1_000);
    await turn();
  }
}

describe('without a TUN', () => {
  test('it is tried again every five seconds until it works', async () => {
    await keeper.start();
    expect(keeper.state).toEqual({ active: false, problem: missing });
    await seconds(20);
    expect(keeper.state.active).toBe(false);
    answers.push(works());
    await seconds(5);
    expect(keeper.state.active).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('an outage is told once, a new reason again', async () => {
    answers.push(
      { ok: false, error: missing },
      { ok: false, error: missing },
      { ok: false, error: { code: 'TUN_BUSY', message: '' } },
    );
    await keeper.start();
    await seconds(10);
    expect(problems).toEqual(['TUN_MISSING', 'TUN_BUSY']);
  });
});

describe('with a TUN', () => {
  test('that is lost: it is cleaned up and opened anew', async () => {
    const first = works();
    const second = works();
    answers.push(first, second);
    await keeper.start();
    await keeper.lost('deleted');
    expect(keeper.state).toMatchObject({ active: false, problem: { code: 'TUN_FAILED' } });
    // Counted by the engine already.
    expect([first.value.closed, problems]).toEqual([1, []]);
    await seconds(5);
    expect(keeper.state).toEqual({ active: true, network: second.value });
  });

  test('how clients are reached follows, now and when the network comes back', async () => {
    const [first, second] = [works(), works()];
    answers.push(first, second);
    await keeper.start();
    const reach = { ...noReach, behind: ['10.20.0.0/16'] };
    keeper.setReach(reach);
    await keeper.lost('deleted');
    await seconds(5);
    expect(first.value.reaches.at(-1)).toEqual(reach);
    expect(second.value.reaches.at(-1)).toEqual(reach);
  });

  test('its close undoes the changes, and nothing is tried after it', async () => {
    const network = works();
    answers.push(network);
    await keeper.start();
    await keeper.close();
    expect(network.value.closed).toBe(1);
    await keeper.lost('late');
    expect([clock.pending, network.value.closed]).toEqual([0, 1]);
  });

  test('a close during a retry waits for it and undoes it', async () => {
    const network = works();
    await keeper.start();
    answers.push(network);
    clock.advance(5_000);
    await keeper.close();
    expect(keeper.state.active).toBe(false);
    expect(network.value.closed + answers.length).toBe(1);
  });
});
