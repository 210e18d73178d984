import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Namespace, type Agent } from '@masque-vpn/host/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChecksAgentMethods } from './testing/checks.agent.js';

const agentModule = new URL('./testing/checks.agent.ts', import.meta.url);

/** A server as its host sees it: real parameters, real nftables, a veth called like the TUN. */
describe('the checks of a real host', () => {
  let folder: string;
  let server: Namespace;
  let agent: Agent<ChecksAgentMethods>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masque-vpn-checks-'));
    server = await Namespace.open();
    await server.ip(
      'link add up0 type veth peer name in0',
      'link add masque-test type veth peer name tun0',
      'address add 192.0.2.1/24 dev up0',
      'address add 2001:db8:2::1/64 dev up0 nodad',
      'link set up0 up',
      'link set in0 up',
      'link set tun0 up',
      'link set masque-test up',
      'route add default via 192.0.2.9',
      'route add default via 2001:db8:2::9',
    );
    agent = server.agent<ChecksAgentMethods>(agentModule);
    await agent.ask('open', {
      tun: { name: 'masque-test', mtu: 1400, offload: true },
      pools: ['10.89.0.0/16', 'fd4d:5156:504e::/64'],
      gateways: { ipv4: '10.89.0.1', ipv6: 'fd4d:5156:504e::1' },
      ...{ manage: true, nat: true, hostAccess: false },
      journalPath: join(folder, 'journal.json'),
    });
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const checked = (): Promise<Awaited<ReturnType<ChecksAgentMethods['run']>>> => agent.ask('run', undefined);
  const sysctl = (key: string, value: number): Promise<string> =>
    server.run('sh', '-c', `echo ${value} > /proc/sys/${key}`);
  /** Runs the commands of a remedy, as an administrator would. */
  const obey = (remedy: string): Promise<string> => server.run('sh', '-c', remedy);

  test('find nothing wrong with what the server has set up', async () => {
    expect(await checked()).toEqual({
      udpPort: ['unknown', 'UDP_PORT_SILENT'],
      forwarding: ['ok', 'FORWARDING_READY'],
      nat: ['ok', 'NAT_READY'],
    });
  });

  test.each(['net/ipv4/conf/up0/forwarding', 'net/ipv4/conf/masque-test/forwarding'])(
    'notice that %s was turned off',
    async (key) => {
      await sysctl(key, 0);
      expect(await checked()).toMatchObject({ forwarding: ['problem', 'FORWARDING_OFF'] });
      await obey((await agent.ask('remedy', 'forwarding')).split(';')[0] ?? '');
      expect(await checked()).toMatchObject({ forwarding: ['ok', 'FORWARDING_READY'] });
    },
  );

  test('notice that forwarding of IPv6 was turned off everywhere', async () => {
    await server.run('sh', '-c', 'for f in /proc/sys/net/ipv6/conf/*/f*forwarding; do echo 0 > $f; done');
    expect(await checked()).toMatchObject({
      forwarding: expect.arrayContaining(['problem', 'FORWARDING_OFF']) as unknown,
    });
  });

  test('notice that the table with NAT was flushed', async () => {
    await server.run('nft', 'flush', 'chain', 'inet', 'masque_vpn', 'postrouting');
    expect(await checked()).toMatchObject({ nat: ['problem', 'NAT_MISSING', 'NAT_MISSING'] });
  });

  test('notice a firewall that forwards nothing, and the remedy helps', async () => {
    await server.run('nft', 'add table inet other');
    await server.run('nft', 'add chain inet other fw { type filter hook forward priority 0; policy drop; }');
    expect(await checked()).toMatchObject({
      forwarding: ['problem', 'FORWARD_CHAIN_DROPS', 'FORWARD_CHAIN_DROPS'],
    });
    await obey(await agent.ask('remedy', 'forwarding'));
    expect(await checked()).toMatchObject({ forwarding: ['ok', 'FORWARDING_READY'] });
  });

  test('notice a firewall that drops what comes to the port, and the remedy helps', async () => {
    await server.run('nft', 'add table inet other');
    await server.run('nft', 'add chain inet other in { type filter hook input priority 0; policy drop; }');
    await server.run('nft', 'add rule inet other in ct state established,related accept');
    await server.run('nft', 'add rule inet other in tcp dport { 22, 443 } accept');
    expect(await checked()).toMatchObject({ udpPort: ['problem', 'UDP_PORT_FILTERED', 'UDP_PORT_SILENT'] });
    await obey(await agent.ask('remedy', 'udpPort'));
    expect(await checked()).toMatchObject({ udpPort: ['unknown', 'UDP_PORT_SILENT'] });
  });

  test('notice that the way to the Internet is gone', async () => {
    await server.ip('route del default via 192.0.2.9', 'route del default via 2001:db8:2::9');
    expect(await checked()).toMatchObject({
      // Our own table refuses what comes out of the tunnel, not this.
      udpPort: ['unknown', 'UDP_PORT_SILENT'],
      forwarding: ['problem', 'DEFAULT_ROUTE_MISSING', 'DEFAULT_ROUTE_MISSING'],
    });
  });
});
