import { ManualClock } from '@masque-vpn/engine/fake';
import { beforeEach, describe, expect, test } from 'vitest';
import { Throughput, type ThroughputOptions } from './throughput.js';

let clock: ManualClock;
let traffic: { bytesSent: number; bytesReceived: number };
let counters: { activeConnections: number; totalRefusals: number };
let throughput: Throughput;

beforeEach(() => {
  clock = new ManualClock(1_000_000_000_500);
  traffic = { bytesSent: 7, bytesReceived: 7 };
  counters = { activeConnections: 0, totalRefusals: 0 };
  const none = { packetsSent: 0, packetsReceived: 0, dropsSending: 0, dropsReceiving: 0 };
  const metrics: ThroughputOptions['metrics'] = {
    read: () => undefined,
    get activeConnections() {
      return counters.activeConnections;
    },
    get totalRefusals() {
      return counters.totalRefusals;
    },
    get totalTraffic() {
      return { ...none, ...traffic };
    },
  };
  throughput = new Throughput({ metrics, clock });
});

/** Time passes, with traffic in it, and a sample is taken. */
function pass(ms: number, sent: number): void {
  clock.advance(ms);
  traffic.bytesSent += sent;
  throughput.sample();
}
const sentIn = (range: '15m' | '1h' | '24h'): readonly number[] =>
  throughput.series(range).steps.map(({ bytesSent }) => bytesSent);

test('nothing is known of the time before the start', () => {
  expect(throughput.series('15m')).toEqual({
    resolutionMs: 1_000,
    fromMs: 1_000_000_000_500,
    keptSinceMs: 1_000_000_000_500,
    steps: [],
  });
});

test('each second that is over has what was moved within it', () => {
  for (const sent of [10, 20, 30]) pass(1_000, sent);
  // The one that a sample has just fallen into is not over.
  expect(sentIn('15m')).toEqual([0, 10, 20]);
  expect(throughput.series('15m').fromMs).toBe(1_000_000_000_500);
});

test('a late sample is shared out among the seconds it is about', () => {
  pass(1_000, 10);
  pass(4_000, 80);
  pass(1_000, 0);
  expect(sentIn('15m')).toEqual([0, 10, 20, 20, 20, 20]);
});

test('two samples within a second add up', () => {
  pass(1_100, 10);
  pass(800, 5);
  pass(1_000, 1);
  expect(sentIn('15m')).toEqual([0, 15]);
});

test('counters that begin again take nothing away', () => {
  pass(1_000, 10);
  traffic.bytesSent = 0;
  pass(1_000, 0);
  pass(1_000, 0);
  expect(sentIn('15m')).toEqual([0, 10, 0]);
});

describe('a minute', () => {
  test('has the sum of its bytes and refusals, and the most sessions', () => {
    for (let second = 1; second <= 61; second += 1) {
      counters.activeConnections = second === 30 ? 9 : 4;
      if (second % 10 === 0) counters.totalRefusals += 1;
      pass(1_000, 2);
    }
    // The sample of the 60th second falls into the second minute.
    expect(throughput.series('1h').steps).toEqual([
      { bytesSent: 118, bytesReceived: 0, openSessions: 9, refusals: 5 },
    ]);
  });
});

test('only the last of each range are kept, without gaps', () => {
  for (let minute = 0; minute < 26 * 60; minute += 1) pass(60_000, 60);
  expect(sentIn('24h')).toHaveLength(24 * 60);
  expect(new Set(sentIn('24h'))).toEqual(new Set([60]));
  expect(sentIn('1h')).toHaveLength(60);
  expect(sentIn('15m')).toHaveLength(15 * 60);
  const { fromMs, steps, resolutionMs } = throughput.series('15m');
  expect(fromMs + steps.length * resolutionMs).toBe(clock.now());
});
