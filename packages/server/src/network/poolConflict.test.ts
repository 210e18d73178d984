import { FakeHost } from '@masque-vpn/host/fake';
import { expect, test } from 'vitest';

import { poolConflict } from './poolConflict.js';

// eth0 has 192.0.2.0/24 and 2001:db8::/64.
const facts = new FakeHost().network;

test.each([
  ['a pool that is a connected network', '192.0.2.0/24', true],
  ['a pool inside a connected network', '192.0.2.128/25', true],
  ['a pool around a connected network', '192.0.0.0/16', true],
  ['the same for IPv6', '2001:db8::/48', true],
  ['a pool only the default route covers', '10.89.0.0/16', false],
])('%s', (_, pool, conflicts) => {
  expect(poolConflict([pool], facts, 'masque0') !== null).toBe(conflicts);
});

test('a pool inside a network behind a gateway is more specific and works', () => {
  const route = {
    family: 4 as const,
    prefix: '10.0.0.0/8',
    interface: 'eth0',
    gateway: '192.0.2.1',
    metric: 0,
    protocol: 'static',
  };
  expect(poolConflict(['10.89.0.0/16'], { ...facts, routes: [route] }, 'masque0')).toBeNull();
  expect(poolConflict(['10.0.0.0/7'], { ...facts, routes: [route] }, 'masque0')).toBe(
    'the pool 10.0.0.0/7 overlaps 10.0.0.0/8, which this host reaches by eth0; choose another [pool] prefix',
  );
});

test('the tunnel’s own network is no conflict', () => {
  expect(poolConflict(['192.0.2.0/24'], facts, 'eth0')).toBeNull();
});
