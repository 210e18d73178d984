import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Namespace, type Agent } from '@masque-vpn/host/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { ClientAgentMethods } from './testing/clientNetwork.agent.js';
import type { TunnelNetwork } from './tunnelPlan.js';

const agentModule = new URL('./testing/clientNetwork.agent.ts', import.meta.url);

const fullTunnel: TunnelNetwork = {
  mtu: 1400,
  assigned: ['10.89.0.5/32', 'fd4d:5156:504e::5/128'],
  routes: ['0.0.0.0/0', '::/0'],
  behind: [],
  serverAddresses: ['203.0.113.7', '2001:db8:77::7'],
};

describe('a client on a LAN whose router leads to the server', () => {
  let folder: string;
  let journal: string;
  let laptop: Namespace;
  let router: Namespace;
  let client: Agent<ClientAgentMethods>;
  let before: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masque-vpn-client-'));
    journal = join(folder, 'journal.json');
    laptop = await Namespace.open();
    router = await Namespace.open(laptop);
    await laptop.ip(
      'link add lan0 type veth peer name port0',
      `link set port0 netns ${router.pid}`,
      'link set lan0 addrgenmode none',
      'address add 192.168.7.2/24 dev lan0',
      'address add 2001:db8:7::2/64 dev lan0 nodad',
      'link set lan0 up',
    );
    await router.ip(
      'link set port0 addrgenmode none',
      'address add 192.168.7.1/24 dev port0',
      'address add 2001:db8:7::1/64 dev port0 nodad',
      'link set port0 up',
      // The server and a host of the Internet, both behind the router.
      'address add 203.0.113.7/32 dev lo',
      'address add 2001:db8:77::7/128 dev lo nodad',
      'address add 198.51.100.9/32 dev lo',
      'route add 10.89.0.5/32 via 192.168.7.2',
    );
    await laptop.ip(
      'route add default via 192.168.7.1',
      'route add default via 2001:db8:7::1',
      'tuntap add dev masque-test mode tun',
      // An interface gets its queueing discipline when it is first up, and keeps it.
      'link set masque-test up addrgenmode none',
      'link set masque-test down addrgenmode eui64',
    );
    // The strictest reverse path filter there is, also for interfaces to come.
    await laptop.run('sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=1', 'net.ipv4.conf.lan0.rp_filter=1');
    before = await laptop.dump();
    client = laptop.agent<ClientAgentMethods>(agentModule);
  });

  afterEach(async () => {
    await router[Symbol.asyncDispose]();
    await laptop[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** The interface a packet to `destination` leaves by. */
  async function wayTo(destination: string, ...options: string[]): Promise<string> {
    const route = await laptop.run('ip', 'route', 'get', destination, ...options);
    return /dev (\S+)/.exec(route)?.[1] ?? route;
  }

  test('a full tunnel takes everything but the LAN, the server and link-scoped destinations (CIP-809)', async () => {
    await client.ask('open', journal);
    expect(await client.ask('apply', fullTunnel)).toEqual({
      ok: true,
      value: {
        addresses: ['10.89.0.5/32', 'fd4d:5156:504e::5/128'],
        routes: ['0.0.0.0/0', '::/0'],
        warnings: [],
      },
    });
    expect(await wayTo('198.51.100.9')).toBe('masque-test');
    expect(await wayTo('2001:db8:99::9')).toBe('masque-test');
    expect(await laptop.run('ip', 'route', 'get', '198.51.100.9')).toContain('src 10.89.0.5');
    expect(await laptop.run('ip', 'route', 'get', '2001:db8:99::9')).toContain('src fd4d:5156:504e::5');
    for (const outside of ['192.168.7.1', '203.0.113.7', '224.0.0.251', '2001:db8:7::1', '2001:db8:77::7']) {
      expect([outside, await wayTo(outside)]).toEqual([outside, 'lan0']);
    }
    expect(await wayTo('198.51.100.9', 'mark', '0x6d71')).toBe('lan0');
    expect(await wayTo('2001:db8:99::9', 'mark', '0x6d71')).toBe('lan0');
  });

  test('answers of the server pass the strictest reverse path filter (CIP-809)', async () => {
    const server = router.agent<ClientAgentMethods>(agentModule);
    await server.ask('echo', { address: '203.0.113.7', port: 443 });
    await server.ask('echo', { address: '2001:db8:77::7', port: 443 });
    await client.ask('open', journal);
    await client.ask('apply', fullTunnel);
    expect(await client.ask('isAnswered', { address: '203.0.113.7', port: 443 })).toBe(true);
    expect(await client.ask('isAnswered', { address: '2001:db8:77::7', port: 443 })).toBe(true);
  });

  test('a split tunnel takes its routes only, and the server stays outside even if they cover it (CIP-812)', async () => {
    await client.ask('open', journal);
    const applied = await client.ask('apply', { ...fullTunnel, routes: ['203.0.113.0/24', '10.0.0.0/8'] });
    expect(applied).toMatchObject({ ok: true, value: { routes: ['203.0.113.0/24', '10.0.0.0/8'] } });
    expect(await wayTo('203.0.113.8')).toBe('masque-test');
    expect(await wayTo('10.1.2.3')).toBe('masque-test');
    expect(await wayTo('203.0.113.7')).toBe('lan0');
    expect(await wayTo('198.51.100.9')).toBe('lan0');
    expect(await wayTo('2001:db8:99::9')).toBe('lan0');
    expect(await laptop.run('ip', '-6', 'rule')).not.toContain('28017');
  });

  test('a neighbour on the LAN does not reach the tunnel address by another interface', async () => {
    await client.ask('open', journal);
    await client.ask('apply', fullTunnel);
    await client.ask('echo', { address: '10.89.0.5', port: 7 });
    const neighbour = router.agent<ClientAgentMethods>(agentModule);
    expect(await neighbour.ask('isAnswered', { address: '10.89.0.5', port: 7 })).toBe(false);
    expect(await laptop.run('nft', 'list', 'ruleset')).toMatch(/counter packets [1-9]/);
    expect(await client.ask('isAnswered', { address: '10.89.0.5', port: 7 })).toBe(true);
  });

  test('addresses, routes and MTU change while it runs (CIP-704, CIP-804, CIP-1202)', async () => {
    await client.ask('open', journal);
    await client.ask('apply', fullTunnel);
    await client.ask('apply', {
      ...fullTunnel,
      mtu: 1320,
      assigned: ['10.89.0.6/32'],
      routes: ['10.0.0.0/8'],
    });
    const link = await laptop.run('ip', 'address', 'show', 'dev', 'masque-test');
    expect(link).toMatch(/mtu 1320/);
    expect(link).toContain('inet 10.89.0.6/32');
    expect(link).not.toMatch(/10\.89\.0\.5|inet6/);
    expect(await wayTo('198.51.100.9')).toBe('lan0');
    await client.ask('apply', { ...fullTunnel, assigned: [], routes: [] });
    expect(await laptop.run('ip', 'address', 'show', 'dev', 'masque-test')).not.toContain('inet');
    expect(await laptop.run('ip', 'rule')).not.toContain('28017');
  });

  test('a path below 1280 keeps IPv4 only, and IPv6 comes back with the path (CIP-1205)', async () => {
    await client.ask('open', journal);
    await client.ask('apply', fullTunnel);
    const narrow = await client.ask('apply', { ...fullTunnel, mtu: 1200 });
    expect(narrow).toMatchObject({ ok: true, value: { addresses: ['10.89.0.5/32'], routes: ['0.0.0.0/0'] } });
    expect(await wayTo('198.51.100.9')).toBe('masque-test');
    await client.ask('apply', fullTunnel);
    expect(await wayTo('2001:db8:99::9')).toBe('masque-test');
  });

  test('a host that switched IPv6 off still has it in the tunnel, without router advertisements (CIP-1017)', async () => {
    await laptop.run(
      'sysctl',
      '-qw',
      'net.ipv6.conf.all.disable_ipv6=1',
      'net.ipv6.conf.default.disable_ipv6=1',
    );
    before = await laptop.dump();
    await client.ask('open', journal);
    expect(await client.ask('apply', fullTunnel)).toMatchObject({ ok: true });
    expect(await wayTo('2001:db8:99::9')).toBe('masque-test');
    expect(await laptop.run('sysctl', '-n', 'net.ipv6.conf.masque-test.accept_ra')).toBe('0\n');
    await client.ask('dispose', undefined);
    expect(await laptop.dump()).toBe(before);
  });

  test('clearing leaves the host as it was, and the tunnel can come back (CIP-1305)', async () => {
    await client.ask('open', journal);
    await client.ask('apply', fullTunnel);
    expect(await client.ask('clear', undefined)).toEqual({ ok: true });
    expect(await laptop.dump()).toBe(before);
    await client.ask('apply', fullTunnel);
    expect(await wayTo('198.51.100.9')).toBe('masque-test');
    await client.ask('dispose', undefined);
    expect(await laptop.dump()).toBe(before);
  });

  test('after SIGKILL the next client finds a clean host (CIP-809)', async () => {
    await client.ask('open', journal);
    await client.ask('apply', fullTunnel);
    await client.kill();
    const next = laptop.agent<ClientAgentMethods>(agentModule);
    expect(JSON.stringify(await next.ask('open', journal))).toContain('28016');
    expect(await laptop.dump()).toBe(before);
  });

  test('a second client on the same host is told who is in the way', async () => {
    await client.ask('open', journal);
    await client.ask('apply', fullTunnel);
    const first = await laptop.dump();
    const second = laptop.agent<ClientAgentMethods>(agentModule);
    await second.ask('open', `${journal}.second`);
    const refused = await second.ask('apply', fullTunnel);
    expect(refused.ok ? null : refused.error.code).toMatch(/^HOST_(BUSY|CONFLICT)$/);
    expect(await laptop.dump()).toBe(first);
  });
});

describe('a client with a network behind it (CIP-717)', () => {
  let folder: string;
  let gateway: Namespace;
  let far: Namespace;
  let printer: Namespace;
  let client: Agent<ClientAgentMethods>;
  let before: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masque-vpn-client-'));
    gateway = await Namespace.open();
    far = await Namespace.open(gateway);
    printer = await Namespace.open(gateway);
    // A pair of Ethernet ends stands in for the tunnel: its far end can send what a server could.
    await gateway.ip(
      'link add masque-test type veth peer name tunnel0',
      `link set tunnel0 netns ${far.pid}`,
      'link add site0 type veth peer name eth0',
      `link set eth0 netns ${printer.pid}`,
      'link set site0 addrgenmode none',
      'address add 10.20.0.1/24 dev site0',
      'address add 10.30.0.1/24 dev site0',
      'link set site0 up',
      'link set masque-test up',
      'link set masque-test down',
    );
    await far.ip(
      'link set tunnel0 up',
      'address add 198.51.100.9/32 dev lo',
      'link set lo up',
      'route add 10.89.0.5/32 dev tunnel0 src 198.51.100.9',
      'route add 10.20.0.0/24 via 10.89.0.5 dev tunnel0 onlink src 198.51.100.9',
      'route add 10.30.0.0/24 via 10.89.0.5 dev tunnel0 onlink src 198.51.100.9',
    );
    await printer.ip(
      'address add 10.20.0.7/24 dev eth0',
      'address add 10.30.0.7/24 dev eth0',
      'link set eth0 up',
      'route add default via 10.20.0.1',
    );
    before = await gateway.dump();
    client = gateway.agent<ClientAgentMethods>(agentModule);
    await client.ask('open', join(folder, 'journal.json'));
  });

  afterEach(async () => {
    for (const namespace of [printer, far, gateway]) await namespace[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test('is reached through the tunnel where it was offered, and nowhere else', async () => {
    const applied = await client.ask('apply', {
      ...fullTunnel,
      assigned: ['10.89.0.5/32'],
      routes: ['198.51.100.0/24'],
      behind: ['10.20.0.0/24'],
    });
    expect(applied).toMatchObject({ ok: true, value: { warnings: [] } });
    const device = printer.agent<ClientAgentMethods>(agentModule);
    await device.ask('echo', { address: '10.20.0.7', port: 9100 });
    await device.ask('echo', { address: '10.30.0.7', port: 9100 });
    const visitor = far.agent<ClientAgentMethods>(agentModule);
    expect(await visitor.ask('isAnswered', { address: '10.20.0.7', port: 9100 })).toBe(true);
    expect(await visitor.ask('isAnswered', { address: '10.30.0.7', port: 9100 })).toBe(false);
    await client.ask('dispose', undefined);
    expect(await gateway.dump()).toBe(before);
  });

  test('is not forwarded for when nothing was offered', async () => {
    await client.ask('apply', { ...fullTunnel, assigned: ['10.89.0.5/32'], routes: ['198.51.100.0/24'] });
    const device = printer.agent<ClientAgentMethods>(agentModule);
    await device.ask('echo', { address: '10.20.0.7', port: 9100 });
    const visitor = far.agent<ClientAgentMethods>(agentModule);
    expect(await visitor.ask('isAnswered', { address: '10.20.0.7', port: 9100 })).toBe(false);
  });
});
