import type { EngineEvent } from '@masque-vpn/engine';
import { beforeEach, expect, test } from 'vitest';
import { Arrivals } from './arrivals.js';

let arrivals: Arrivals;
beforeEach(() => {
  arrivals = new Arrivals(['198.51.100.1']);
});

const request = (remoteAddress: string): EngineEvent =>
  ({ type: 'request', remoteAddress, receivedAtMs: 1_000.5 }) as EngineEvent;

test.each([
  ['203.0.113.9:4433', '203.0.113.9'],
  ['[2001:db8::9]:4433', '2001:db8::9'],
  ['[::ffff:203.0.113.9]:4433', '203.0.113.9'],
])('who comes from a public address comes from afar: %s', (remote, address) => {
  arrivals.note([request(remote)]);
  expect([arrivals.fromAfar, arrivals.fromNearby]).toEqual([{ address, atMs: 1_000 }, null]);
});

test.each(['192.168.1.9:1', '[fd00::9]:1', '100.64.0.9:1'])(
  'who comes from a private network proves nothing about the Internet: %s',
  (remote) => {
    arrivals.note([request(remote)]);
    expect([arrivals.fromAfar, arrivals.fromNearby === null]).toEqual([null, false]);
  },
);

test.each(['127.0.0.1:1', '[::1]:1', '198.51.100.1:1', 'nonsense'])(
  'this host itself proves nothing: %s',
  (remote) => {
    arrivals.note([request(remote)]);
    expect([arrivals.fromAfar, arrivals.fromNearby]).toEqual([null, null]);
  },
);
