import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Namespace, type Agent } from '@masque-vpn/host/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { ServerNetworkSettings } from './settings.js';
import type { ServerAgentMethods } from './testing/serverNetwork.agent.js';

const agentModule = new URL('./testing/serverNetwork.agent.ts', import.meta.url);

/**
 * tunnel (two clients) — server — Internet. The tunnel's end of the server is a veth called like the TUN: what the
 * engine would write into the TUN, the namespace `tunnel` sends.
 */
describe('a server between tunnel and Internet', () => {
  let folder: string;
  let settings: ServerNetworkSettings;
  let server: Namespace;
  let tunnel: Namespace;
  let internet: Namespace;
  let agent: Agent<ServerAgentMethods>;
  let client: Agent<ServerAgentMethods>;
  let outside: Agent<ServerAgentMethods>;
  let before: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masque-vpn-server-'));
    settings = {
      tun: { name: 'masque-test', mtu: 1400, offload: true },
      pools: ['10.89.0.0/16', 'fd4d:5156:504e::/64', '10.97.0.0/24'],
      gateways: { ipv4: '10.89.0.1', ipv6: 'fd4d:5156:504e::1' },
      manage: true,
      nat: true,
      hostAccess: false,
      journalPath: join(folder, 'journal.json'),
    };
    server = await Namespace.open();
    [tunnel, internet] = await Promise.all([Namespace.open(server), Namespace.open(server)]);
    await server.ip(
      'link add up0 type veth peer name in0',
      'link add up1 type veth peer name in1',
      'link add masque-test type veth peer name tun0',
      `link set in0 netns ${internet.pid}`,
      `link set in1 netns ${internet.pid}`,
      `link set tun0 netns ${tunnel.pid}`,
      'link set up0 addrgenmode none',
      'link set up1 addrgenmode none',
      'address add 192.0.2.1/24 dev up0',
      'address add 2001:db8:2::1/64 dev up0 nodad',
      'address add 192.168.9.1/24 dev up1',
      'link set up0 up',
      'link set up1 up',
      // Like a TUN it has no neighbour discovery: with one MAC at both ends packets arrive all the same.
      'link set masque-test address 02:00:00:00:00:01 arp off',
      'link set masque-test up addrgenmode none',
      'link set masque-test down addrgenmode eui64',
    );
    await server.ip('route add default via 192.0.2.9', 'route add default via 2001:db8:2::9');
    await internet.ip(
      'link set in0 addrgenmode none',
      'address add 192.0.2.9/24 dev in0',
      'address add 2001:db8:2::9/64 dev in0 nodad',
      'address add 192.168.9.9/24 dev in1',
      'link set in0 up',
      'link set in1 up',
      'route add 10.89.0.0/16 via 192.0.2.1',
      'address add 198.51.100.9/32 dev lo',
    );
    await tunnel.ip(
      'link set tun0 address 02:00:00:00:00:01 arp off',
      'link set tun0 addrgenmode none',
      'address add 10.89.0.2/16 dev tun0',
      'address add 10.89.0.3/16 dev tun0',
      'address add fd4d:5156:504e::2/64 dev tun0 nodad',
      'link set tun0 up',
      'route add default via 10.89.0.1',
      'route add default via fd4d:5156:504e::1',
    );
    before = await server.dump();
    [agent, client, outside] = [server, tunnel, internet].map((namespace) =>
      namespace.agent<ServerAgentMethods>(agentModule),
    ) as [Agent<ServerAgentMethods>, Agent<ServerAgentMethods>, Agent<ServerAgentMethods>];
  });

  afterEach(async () => {
    for (const namespace of [tunnel, internet, server]) await namespace[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test('clients reach the Internet over both families behind the server’s addresses', async () => {
    expect(await agent.ask('open', settings)).toEqual({ ok: true, value: [] });
    await outside.ask('listen', { address: '192.0.2.9', port: 53 });
    await outside.ask('listen', { address: '2001:db8:2::9', port: 53 });
    expect(await client.ask('askWho', { address: '192.0.2.9', port: 53 })).toBe('192.0.2.1');
    expect(await client.ask('askWho', { address: '2001:db8:2::9', port: 53 })).toBe('2001:db8:2::1');
    expect(await client.ask('connect', { address: '192.0.2.9', port: 53 })).toBe('connected');
  });

  test('without NAT clients keep their addresses', async () => {
    await agent.ask('open', { ...settings, nat: false });
    await outside.ask('listen', { address: '192.0.2.9', port: 53 });
    expect(await client.ask('askWho', { address: '192.0.2.9', port: 53 })).toBe('10.89.0.2');
  });

  test('nobody reaches a client unasked', async () => {
    await agent.ask('open', { ...settings, nat: false });
    await client.ask('listen', { address: '10.89.0.2', port: 22 });
    expect(await outside.ask('connect', { address: '10.89.0.2', port: 22 })).toBe('EHOSTUNREACH');
  });

  test('the host itself answers echo and nothing else (CIP-1014)', async () => {
    await agent.ask('open', settings);
    for (const address of ['10.89.0.1', '192.0.2.1']) {
      await agent.ask('listen', { address, port: 8080 });
      expect(await client.ask('connect', { address, port: 8080 })).toBe('EHOSTUNREACH');
      await tunnel.run('ping', '-c1', '-W2', address);
    }
    await tunnel.run('ping', '-c1', '-W2', 'fd4d:5156:504e::1');
    expect(await outside.ask('connect', { address: '192.0.2.1', port: 8080 })).toBe('connected');
  });

  test('host_access lets clients reach services of the host', async () => {
    await agent.ask('open', { ...settings, hostAccess: true });
    await agent.ask('listen', { address: '10.89.0.1', port: 8080 });
    expect(await client.ask('connect', { address: '10.89.0.1', port: 8080 })).toBe('connected');
  });

  test('the host reaches a client’s service, and itself by the gateway address', async () => {
    await agent.ask('open', settings);
    await client.ask('listen', { address: '10.89.0.2', port: 22 });
    await agent.ask('listen', { address: '10.89.0.1', port: 8080 });
    expect(await agent.ask('askWho', { address: '10.89.0.2', port: 22 })).toBe('10.89.0.1');
    expect(await agent.ask('askWho', { address: '10.89.0.1', port: 8080 })).toBe('10.89.0.1');
  });

  test.each([
    ['an address outside the pools', '10.88.0.2', '192.0.2.9'],
    ['the server’s own address', '10.89.0.1', '192.0.2.9'],
    ['a client’s address to another client', '10.89.0.3', '10.89.0.200'],
  ])('drops packets from %s (CIP-1003, CIP-1016)', async (_, source, destination) => {
    await agent.ask('open', settings);
    if (source !== '10.89.0.3') await tunnel.ip(`address add ${source}/32 dev tun0`);
    await tunnel.ip(`route add ${destination}/32 via 10.89.0.1`);
    await expect(tunnel.run('ping', '-c1', '-W1', '-I', source, destination)).rejects.toThrow();
    const chain = await server.run('nft', 'list', 'chain', 'inet', 'masque_vpn', 'prerouting');
    expect(chain).toMatch(/counter packets [1-9]/);
  });

  test('the second pool is reached by the tunnel', async () => {
    await agent.ask('open', settings);
    expect(await server.run('ip', 'route', 'get', '10.97.0.5')).toContain('dev masque-test');
  });

  test('interfaces that forward only because of the tunnel do not forward between each other', async () => {
    await agent.ask('open', settings);
    await internet.ip('rule add from 192.168.9.9 lookup 7', 'route add default via 192.168.9.1 table 7');
    await expect(internet.run('ping', '-c1', '-W1', '-I', '192.168.9.9', '192.0.2.77')).rejects.toThrow();
    const chain = await server.run('nft', 'list', 'chain', 'inet', 'masque_vpn', 'forward');
    expect(chain).toMatch(/iifname { "up0", "up1" }.*counter packets [1-9]/);
  });

  test('a host that was a router before stays one', async () => {
    await server.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    before = await server.dump();
    await agent.ask('open', settings);
    const chain = await server.run('nft', 'list', 'chain', 'inet', 'masque_vpn', 'forward');
    expect(chain).not.toContain('nfproto ipv4');
    await agent.ask('close', undefined);
    expect(await server.dump()).toBe(before);
  });

  test('an interface that comes later forwards after a refresh; closing restores everything', async () => {
    await agent.ask('open', settings);
    await server.ip(
      'link add up2 type veth peer name in2',
      'address add 192.168.77.1/24 dev up2',
      'link set up2 up',
    );
    expect(await server.run('sysctl', '-n', 'net.ipv4.conf.up2.forwarding')).toBe('0\n');
    expect(await agent.ask('refresh', undefined)).toEqual({ ok: true });
    expect(await server.run('sysctl', '-n', 'net.ipv4.conf.up2.forwarding')).toBe('1\n');
    expect(await server.run('nft', 'list', 'ruleset')).toContain('"up2"');
    await server.ip('link del up2');
    expect(await agent.ask('refresh', undefined)).toEqual({ ok: true });
    expect(await agent.ask('close', undefined)).toEqual({ ok: true });
    expect(await server.dump()).toBe(before);
  });

  test('closing leaves the host byte for byte as it was, and so does the start after a crash', async () => {
    await agent.ask('open', settings);
    await agent.ask('close', undefined);
    expect(await server.dump()).toBe(before);
    await agent.ask('open', settings);
    await agent.kill();
    const next = server.agent<ServerAgentMethods>(agentModule);
    expect(await next.ask('open', settings)).toMatchObject({ ok: true });
    await next.ask('close', undefined);
    expect(await server.dump()).toBe(before);
  });

  test('a pool that overlaps a network of the host is refused and nothing changes', async () => {
    const opened = await agent.ask('open', {
      ...settings,
      pools: ['192.168.0.0/16'],
      gateways: { ipv4: '192.168.0.1', ipv6: null },
    });
    expect(opened).toMatchObject({ ok: false, error: { code: 'NETWORK_POOL_CONFLICT' } });
    expect(JSON.stringify(opened)).toContain('192.168.9.0/24');
    expect(await server.dump()).toBe(before);
  });

  test('a firewall that drops forwarded packets is named with the commands that help', async () => {
    await server.run('nft', 'add', 'table', 'inet', 'strict');
    const hook = '{ type filter hook forward priority 0; policy drop; }';
    await server.run('nft', 'add', 'chain', 'inet', 'strict', 'guard', hook);
    const opened = await agent.ask('open', settings);
    const [warning = ''] = opened.ok ? opened.value : [];
    expect(warning).toContain('nft insert rule inet strict guard iifname "masque-test" accept');
    await outside.ask('listen', { address: '192.0.2.9', port: 53 });
    expect(await client.ask('askWho', { address: '192.0.2.9', port: 53 })).toBe('silence');
    for (const command of warning.split(': ').at(-1)?.split('; ') ?? []) {
      await server.run('sh', '-c', command.replaceAll('"', ''));
    }
    expect(await client.ask('askWho', { address: '192.0.2.9', port: 53 })).toBe('192.0.2.1');
  });
});
