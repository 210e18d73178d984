import { expect, test } from 'vitest';
import { FakeHost } from './fake/host.js';
import { noForwarding, planForwarding } from './forwarding.js';
import type { HostFacts } from './host.js';

/** A host whose IPv6 comes by router advertisement, as most do. */
function hostByAdvertisement(): FakeHost {
  const host = new FakeHost();
  const facts: HostFacts = host.network;
  host.network = {
    ...facts,
    routes: facts.routes.map((route) =>
      route.family === 6 && route.prefix === '::/0' ? { ...route, protocol: 'ra' } : route,
    ),
  };
  for (const key of ['all', 'eth0']) {
    host.sysctls.set(`net/ipv4/conf/${key}/forwarding`, '0');
    host.sysctls.set(`net/ipv6/conf/${key}/forwarding`, '0');
  }
  return host;
}

test('an old kernel learns accept_ra before IPv6 forwarding, so that the default route stays', async () => {
  const host = hostByAdvertisement();
  const { sysctls } = await planForwarding(host, host.network, 'masque0', [6], noForwarding);
  const keys = sysctls.map(({ key }) => key);
  expect(sysctls).toContainEqual({
    key: 'net/ipv6/conf/eth0/accept_ra',
    value: '2',
    onlyFrom: ['1'],
    optional: true,
  });
  expect(keys.indexOf('net/ipv6/conf/eth0/accept_ra')).toBeLessThan(
    keys.indexOf('net/ipv6/conf/all/forwarding'),
  );
});

test('a kernel with force_forwarding forwards by interface and leaves router advertisements alone', async () => {
  const host = hostByAdvertisement();
  host.sysctls.set('net/ipv6/conf/all/force_forwarding', '0');
  const { sysctls } = await planForwarding(host, host.network, 'masque0', [4, 6], noForwarding);
  const keys = sysctls.map(({ key }) => key);
  expect(keys).toEqual(
    expect.arrayContaining([
      'net/ipv4/conf/masque0/forwarding',
      'net/ipv4/conf/eth0/forwarding',
      'net/ipv6/conf/masque0/force_forwarding',
      'net/ipv6/conf/eth0/force_forwarding',
    ]),
  );
  expect(keys.join(' ')).not.toMatch(/\/all\/|eth0\/accept_ra/);
});

test('the tunnel ignores router advertisements (CIP-1017)', async () => {
  const host = new FakeHost();
  const { sysctls } = await planForwarding(host, host.network, 'masque0', [6], noForwarding);
  expect(sysctls).toContainEqual({
    key: 'net/ipv6/conf/masque0/accept_ra',
    value: '0',
    optional: true,
    mayBeRefused: true,
  });
});

test('a second look does not take our own values for the host’s, nor forget them', async () => {
  const host = hostByAdvertisement();
  const first = await planForwarding(host, host.network, 'masque0', [4, 6], noForwarding);
  expect(first.opened).toEqual({ 4: ['eth0'], 6: ['eth0'] });
  for (const { key, value } of first.sysctls) host.sysctls.set(key, value);
  host.sysctls.set('net/ipv6/conf/eth0/forwarding', '1');
  // The route that showed router advertisements is gone for a moment.
  host.network = { ...host.network, routes: [] };
  const second = await planForwarding(host, host.network, 'masque0', [4, 6], first);
  expect(second.opened).toEqual(first.opened);
  expect(second.sysctls.map(({ key }) => key)).toContain('net/ipv6/conf/eth0/accept_ra');
});

test('a router by its owner’s will is not fenced', async () => {
  const host = hostByAdvertisement();
  host.sysctls.set('net/ipv4/conf/all/forwarding', '1');
  host.sysctls.set('net/ipv6/conf/all/forwarding', '1');
  const { opened, sysctls } = await planForwarding(host, host.network, 'masque0', [4, 6], noForwarding);
  expect(opened).toEqual({ 4: [], 6: [] });
  // A container with /proc/sys read-only must not be asked for what it has.
  expect(sysctls.map(({ key }) => key).join(' ')).not.toMatch(/ipv6\/\S*forwarding/);
});

test('interfaces that nobody wants stay as they are', async () => {
  const host = hostByAdvertisement();
  const { opened, sysctls } = await planForwarding(
    host,
    host.network,
    'masque0',
    [4],
    noForwarding,
    (name) => name !== 'eth0',
  );
  expect(opened[4]).toEqual([]);
  expect(sysctls.map(({ key }) => key).join(' ')).not.toContain('eth0');
});
