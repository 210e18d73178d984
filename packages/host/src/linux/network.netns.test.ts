import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { emptyPlan, mainTable, type HostPlan } from '../plan.js';
import { Namespace, type Agent } from '../testing/index.js';
import type { HostAgentMethods } from './network.agent.js';

const agentModule = new URL('./network.agent.ts', import.meta.url);
const done = { ok: true };

const plan: HostPlan = {
  link: { name: 'tun-test', mtu: 1400, addresses: ['10.89.0.1/16', 'fd00:89::1/64'] },
  routes: [
    { type: 'unicast', prefix: '0.0.0.0/0', table: 28017, dev: 'tun-test' },
    { type: 'unicast', prefix: '::/0', table: 28017, dev: 'tun-test' },
    { type: 'throw', prefix: '203.0.113.7/32', table: 28017 },
    { type: 'throw', prefix: '2001:db8::7/128', table: 28017 },
    { type: 'unreachable', prefix: '198.51.100.0/24', table: 28017, metric: 7 },
    { type: 'blackhole', prefix: '2001:db8:1::/48', table: 28017, metric: 7 },
    { type: 'unicast', prefix: '10.90.0.0/16', table: mainTable, dev: 'tun-test' },
    { type: 'unicast', prefix: '10.91.0.0/16', table: mainTable, dev: 'up0', via: '192.0.2.1' },
  ],
  rules: [4, 6].flatMap((family) => [
    { family: family as 4 | 6, priority: 28016, table: mainTable, suppressPrefixLength: 0 },
    {
      family: family as 4 | 6,
      priority: 28017,
      table: 28017,
      fwmark: { match: 'not' as const, mark: 28017 },
    },
  ]),
  nft: {
    name: 'masque_vpn_test',
    sets: [
      { name: 'own4', family: 4, prefixes: ['10.89.0.0/16'] },
      { name: 'own6', family: 6, prefixes: ['fd00:89::/64'] },
    ],
    chains: [
      {
        name: 'forward',
        type: 'filter',
        hook: 'forward',
        priority: 0,
        rules: [
          {
            match: [
              { on: 'inInterface', op: 'is', names: ['tun-test'] },
              { on: 'source', family: 4, op: 'not', set: 'own4' },
            ],
            verdict: 'drop',
            comment: 'spoofed',
          },
          { match: [{ on: 'flow', states: ['established', 'related'] }], verdict: 'accept' },
          {
            match: [
              { on: 'family', family: 6 },
              { on: 'sourceIsLocal', op: 'not' },
            ],
            verdict: 'return',
          },
          { match: [{ on: 'icmpv6', types: ['echo-request', 'packet-too-big'] }], verdict: 'accept' },
          { match: [{ on: 'icmp', types: ['echo-request'] }], verdict: 'accept' },
          { match: [], verdict: 'reject' },
        ],
      },
      {
        name: 'postrouting',
        type: 'nat',
        hook: 'postrouting',
        priority: 100,
        rules: [
          {
            match: [
              { on: 'outInterface', op: 'not', names: ['lo', 'tun-test'] },
              { on: 'source', family: 6, op: 'is', set: 'own6' },
            ],
            verdict: 'masquerade',
          },
        ],
      },
    ],
  },
  sysctls: [
    { key: 'net/ipv4/conf/tun-test/forwarding', value: '1' },
    { key: 'net/ipv4/conf/up0/forwarding', value: '1' },
    { key: 'net/ipv6/conf/up0/accept_ra', value: '2', onlyFrom: ['1'] },
    { key: 'net/ipv6/conf/all/forwarding', value: '1' },
    { key: 'net/ipv4/conf/up0/no_such_parameter', value: '1', optional: true },
  ],
};

describe('changes of a real kernel', () => {
  let namespace: Namespace;
  let host: Agent<HostAgentMethods>;
  let folder: string;
  let journal: string;
  let before: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masque-vpn-host-'));
    journal = join(folder, 'host-journal.json');
    namespace = await Namespace.open();
    await namespace.ip(
      'link add up0 type veth peer name up1',
      // Without link-local addresses of their own nothing about them changes with time.
      'link set up0 addrgenmode none',
      'link set up1 addrgenmode none',
      'address add 192.0.2.10/24 dev up0',
      'address add 2001:db8:10::1/64 dev up0 nodad',
      'link set up0 up',
      'link set up1 up',
      'route add default via 192.0.2.1',
      'tuntap add dev tun-test mode tun',
      // An interface gets its queueing discipline when it is first up, and keeps it.
      'link set tun-test up addrgenmode none',
      'link set tun-test down addrgenmode eui64',
    );
    // A forwarding interface among others that do not: turning everything on and off again must keep it.
    await namespace.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/up1/forwarding');
    await namespace.run('nft', 'add', 'table', 'inet', 'of_somebody_else');
    before = await namespace.dump();
    host = namespace.agent<HostAgentMethods>(agentModule);
  });

  afterEach(async () => {
    await namespace[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test('a plan is in place after apply and gone without a trace after disposal', async () => {
    expect(await host.ask('open', journal)).toEqual({ ok: true, value: [] });
    expect(await host.ask('apply', plan)).toEqual(done);

    const link = await namespace.run('ip', '-d', 'address', 'show', 'dev', 'tun-test');
    expect(link).toContain('mtu 1400');
    expect(link).toContain('inet 10.89.0.1/16');
    expect(link).toContain('inet6 fd00:89::1/64');
    expect(link).not.toContain('fe80');
    expect(await namespace.run('ip', 'route', 'get', '8.8.8.8')).toContain('dev tun-test');
    expect(await namespace.run('ip', 'route', 'get', '8.8.8.8', 'mark', '28017')).toContain('dev up0');
    expect(await namespace.run('ip', 'route', 'get', '203.0.113.7')).toContain('dev up0');
    expect(await namespace.run('ip', 'route', 'get', '10.91.0.1')).toContain('via 192.0.2.1 dev up0');
    await expect(namespace.run('ip', 'route', 'get', '198.51.100.1')).rejects.toThrow('No route to host');
    expect(await namespace.run('nft', 'list', 'table', 'inet', 'masque_vpn_test')).toContain('masquerade');
    const sysctls =
      'net.ipv4.conf.tun-test.forwarding net.ipv6.conf.all.forwarding net.ipv6.conf.up0.accept_ra';
    expect(await namespace.run('sysctl', '-n', ...sysctls.split(' '))).toBe('1\n1\n2\n');
    expect((await stat(journal)).mode & 0o777).toBe(0o600);

    await host.ask('dispose', undefined);
    expect(await namespace.dump()).toBe(before);
    await expect(stat(journal)).rejects.toThrow('ENOENT');
  });

  test('applying the same plan twice changes nothing the second time', async () => {
    await host.ask('open', journal);
    await host.ask('apply', plan);
    const first = await namespace.dump();
    const handles = await namespace.run('nft', '-a', 'list', 'ruleset');
    expect(await host.ask('apply', plan)).toEqual(done);
    expect(await namespace.dump()).toBe(first);
    expect(await namespace.run('nft', '-a', 'list', 'ruleset')).toBe(handles);
  });

  test('a changed plan changes the kernel to it, and removal still restores everything', async () => {
    await host.ask('open', journal);
    await host.ask('apply', plan);
    const changed: HostPlan = {
      link: { name: 'tun-test', mtu: 1300, addresses: ['10.89.0.9/32', 'fd00:89::9/128'] },
      routes: [
        { type: 'throw', prefix: '0.0.0.0/0', table: 28017 },
        { type: 'unicast', prefix: '203.0.113.7/32', table: 28017, dev: 'tun-test' },
        { type: 'unicast', prefix: '2001:db8::7/128', table: 28017, dev: 'tun-test' },
        { type: 'unreachable', prefix: '198.51.100.0/24', table: 28017, metric: 8 },
      ],
      rules: plan.rules.slice(0, 2),
      nft: { name: 'masque_vpn_test', sets: [], chains: [] },
      sysctls: plan.sysctls.slice(0, 1),
    };
    expect(await host.ask('apply', changed)).toEqual(done);
    const link = await namespace.run('ip', 'address', 'show', 'dev', 'tun-test');
    expect(link).toContain('mtu 1300');
    expect(link).toContain('inet 10.89.0.9/32');
    expect(link).toContain('inet6 fd00:89::9/128');
    expect(link).not.toMatch(/10\.89\.0\.1\/|fd00:89::1\//);
    expect(await routesOf(namespace, '-4')).toEqual([
      'throw default',
      'unicast 203.0.113.7',
      'unreachable 198.51.100.0/24',
    ]);
    expect(await routesOf(namespace, '-6')).toEqual(['unicast 2001:db8::7']);
    expect(await namespace.run('ip', '-6', 'rule')).not.toContain('28017');
    expect(await namespace.run('nft', 'list', 'ruleset')).not.toContain('masquerade');
    expect(await namespace.run('sysctl', '-n', 'net.ipv6.conf.all.forwarding')).toBe('0\n');
    expect(await host.ask('remove', undefined)).toEqual(done);
    expect(await namespace.dump()).toBe(before);
  });

  test('what somebody else took away comes back with the next apply', async () => {
    await host.ask('open', journal);
    await host.ask('apply', plan);
    const first = await namespace.dump();
    await namespace.ip(
      'address del 10.89.0.1/16 dev tun-test',
      'rule del priority 28017',
      'link set tun-test mtu 1300',
    );
    await namespace.run('nft', 'delete', 'table', 'inet', 'masque_vpn_test');
    expect(await host.ask('apply', plan)).toEqual(done);
    expect(await namespace.dump()).toBe(first);
  });

  test('IPv6 goes and comes back as the MTU crosses 1280 (RFC 8200 §5)', async () => {
    const small = { name: 'tun-test', mtu: 1000, addresses: ['10.89.0.1/16'] };
    await host.ask('open', journal);
    await host.ask('apply', plan);
    expect(await host.ask('apply', { ...plan, link: small })).toEqual(done);
    expect(await namespace.run('ip', 'address', 'show', 'dev', 'tun-test')).not.toContain('inet6');
    expect(await host.ask('apply', plan)).toEqual(done);
    const link = await namespace.run('ip', '-d', 'address', 'show', 'dev', 'tun-test');
    expect(link).toContain('inet6 fd00:89::1/64');
    expect(link).not.toContain('fe80');
    expect(await routesOf(namespace, '-6')).toHaveLength(3);
  });

  test('an interface that is gone and came back gets everything again', async () => {
    await host.ask('open', journal);
    await host.ask('apply', plan);
    await namespace.ip('link del tun-test');
    expect(await host.ask('apply', plan)).toMatchObject({ ok: false, error: { code: 'HOST_LINK_MISSING' } });
    await namespace.ip('tuntap add dev tun-test mode tun');
    expect(await host.ask('apply', plan)).toEqual(done);
    expect(await namespace.run('ip', 'address', 'show', 'dev', 'tun-test')).toContain('fd00:89::1/64');
    expect(await routesOf(namespace, '-4')).toHaveLength(3);
  });

  test('removal works after the interface has gone with its process', async () => {
    await host.ask('open', journal);
    await host.ask('apply', plan);
    await namespace.ip('link del tun-test');
    expect(await host.ask('remove', undefined)).toEqual(done);
    const after = await namespace.dump();
    expect(after).not.toMatch(/28017|masque_vpn_test|tun-test/);
    expect(await namespace.run('sysctl', '-n', 'net.ipv6.conf.all.forwarding')).toBe('0\n');
  });

  test('after SIGKILL the next start restores the host byte for byte (CIP-809)', async () => {
    await host.ask('open', journal);
    await host.ask('apply', plan);
    await host.kill();
    expect(await namespace.dump()).not.toBe(before);

    const next = namespace.agent<HostAgentMethods>(agentModule);
    const opened = await next.ask('open', journal);
    expect(opened).toMatchObject({ ok: true });
    expect(JSON.stringify(opened)).toContain('masque_vpn_test');
    expect(await namespace.dump()).toBe(before);
    expect(await next.ask('apply', plan)).toEqual(done);
    await next.ask('dispose', undefined);
    expect(await namespace.dump()).toBe(before);
  });

  test.each([1, 2, 3, 4])(
    'SIGKILL after change %i of applying leaves nothing after the next start',
    async (nth) => {
      const victim = namespace.agent<HostAgentMethods>(agentModule, await deadlyPrograms(folder, nth));
      await victim.ask('open', journal);
      victim.tell('apply', plan);
      await victim.ended();
      expect(await namespace.dump()).not.toBe(before);
      expect(await host.ask('open', journal)).toMatchObject({ ok: true });
      expect(await namespace.dump()).toBe(before);
    },
  );

  test('a sysctl that somebody changed after us is theirs', async () => {
    await host.ask('open', journal);
    await host.ask('apply', plan);
    await namespace.run('sh', '-c', 'echo 0 > /proc/sys/net/ipv6/conf/up0/accept_ra');
    await host.ask('remove', undefined);
    expect(await namespace.run('sysctl', '-n', 'net.ipv6.conf.up0.accept_ra')).toBe('0\n');
  });

  test('addresses and routes of others on the same interface stay', async () => {
    await namespace.ip('address add 10.99.0.1/24 dev tun-test');
    before = await namespace.dump();
    await host.ask('open', journal);
    await host.ask('apply', plan);
    await host.ask('dispose', undefined);
    expect(await namespace.dump()).toBe(before);
  });

  test('a second owner is refused while the first lives', async () => {
    await host.ask('open', journal);
    const second = namespace.agent<HostAgentMethods>(agentModule);
    expect(await second.ask('open', journal)).toMatchObject({ ok: false, error: { code: 'HOST_BUSY' } });
    expect(await host.ask('open', journal)).toMatchObject({ ok: false, error: { code: 'HOST_BUSY' } });
  });

  test('two owners with journals of their own do not take each other’s rules or tables', async () => {
    await host.ask('open', journal);
    await host.ask('apply', plan);
    const first = await namespace.dump();
    const second = namespace.agent<HostAgentMethods>(agentModule);
    await second.ask('open', `${journal}.second`);
    const rules = await second.ask('apply', { ...emptyPlan, rules: plan.rules });
    expect(rules).toMatchObject({ ok: false, error: { code: 'HOST_CONFLICT' } });
    const routes = await second.ask('apply', { ...emptyPlan, routes: plan.routes.slice(0, 1) });
    expect(routes).toMatchObject({ ok: false, error: { code: 'HOST_CONFLICT' } });
    const table = await second.ask('apply', { ...emptyPlan, nft: plan.nft });
    expect(table).toMatchObject({ ok: false, error: { code: 'HOST_BUSY' } });
    expect(await namespace.dump()).toBe(first);
  });

  test.each([
    ['a rule with our priority', ['ip', 'rule', 'add', 'priority', '28017', 'lookup', 'main'], 'rule del'],
    ['a table of our name', ['nft', 'add', 'table', 'inet', 'masque_vpn_test'], 'nft delete table'],
    ['a route in our place', ['ip', 'route', 'add', 'throw', 'default', 'table', '28017'], 'File exists'],
  ])('%s of somebody else is a conflict and stays', async (_, [file = '', ...args], remedy) => {
    await namespace.run(file, ...args);
    before = await namespace.dump();
    await host.ask('open', journal);
    const applied = await host.ask('apply', plan);
    expect(applied).toMatchObject({ ok: false, error: { code: 'HOST_CONFLICT' } });
    expect(JSON.stringify(applied)).toContain(remedy);
    expect(await namespace.dump()).toBe(before);
    await host.ask('dispose', undefined);
    expect(await namespace.dump()).toBe(before);
  });

  test('a line that fails is named and everything before it undone', async () => {
    await host.ask('open', journal);
    const via: HostPlan['routes'][number] = {
      type: 'unicast',
      prefix: '10.92.0.0/16',
      table: mainTable,
      dev: 'up0',
      via: '198.18.0.1',
    };
    const applied = await host.ask('apply', { ...plan, routes: [...plan.routes, via] });
    expect(applied).toMatchObject({ ok: false, error: { code: 'HOST_COMMAND_FAILED' } });
    expect(JSON.stringify(applied)).toContain('ip route add unicast 10.92.0.0/16 via 198.18.0.1');
    expect(await namespace.dump()).toBe(before);
  });

  test('a change that fails leaves the plan before it', async () => {
    await host.ask('open', journal);
    await host.ask('apply', plan);
    const first = await namespace.dump();
    const sysctls = [...plan.sysctls, { key: 'net/ipv4/conf/nowhere/forwarding', value: '1' }];
    const failed = await host.ask('apply', {
      ...plan,
      link: { name: 'tun-test', mtu: 1300, addresses: [] },
      sysctls,
    });
    expect(failed).toMatchObject({ ok: false, error: { code: 'HOST_SYSCTL_FAILED' } });
    expect(await namespace.dump()).toBe(first);
  });

  test('a read-only /proc/sys is an error only where the parameter matters', async () => {
    await namespace.run('mount', '--bind', '/proc/sys', '/proc/sys');
    await namespace.run('mount', '-o', 'remount,bind,ro', '/proc/sys');
    await host.ask('open', journal);
    const sysctl = { key: 'net/ipv4/conf/up0/forwarding', value: '1' };
    const refused = await host.ask('apply', { ...emptyPlan, sysctls: [sysctl] });
    expect(refused).toMatchObject({ ok: false, error: { code: 'HOST_PERMISSION_DENIED' } });
    expect(await host.ask('apply', { ...emptyPlan, sysctls: [{ ...sysctl, mayBeRefused: true }] })).toEqual(
      done,
    );
    expect(await host.ask('remove', undefined)).toEqual(done);
  });

  test('a journal that is no journal is replaced and said so', async () => {
    await namespace.run('sh', '-c', `echo '{"version":1,' > ${journal}`);
    expect(JSON.stringify(await host.ask('open', journal))).toContain('is not a journal');
    expect(JSON.parse(await readFile(journal, 'utf8'))).toMatchObject({ version: 1, rules: [] });
  });

  test('a journal of another network namespace undoes nothing here', async () => {
    await host.ask('open', journal);
    await host.ask('apply', plan);
    await host.kill();
    await using elsewhere = await Namespace.open();
    const other = elsewhere.agent<HostAgentMethods>(agentModule);
    expect(JSON.stringify(await other.ask('open', journal))).toContain('another network namespace');
  });

  test('a journal that cannot be written is an error before anything changes', async () => {
    const opened = await host.ask('open', join(folder, 'missing', 'journal.json'));
    expect(opened).toMatchObject({ ok: false, error: { code: 'HOST_JOURNAL_FAILED' } });
    expect(await namespace.dump()).toBe(before);
  });

  test('facts name the default route, its source and local addresses', async () => {
    const facts = await host.ask('facts', undefined);
    expect(facts.ok && facts.value.defaultRoutes).toEqual([
      {
        family: 4,
        interface: 'up0',
        gateway: '192.0.2.1',
        source: '192.0.2.10',
        fromRouterAdvertisement: false,
      },
    ]);
    const up0 = facts.ok ? facts.value.interfaces.find(({ name }) => name === 'up0') : undefined;
    expect(up0?.addresses).toContainEqual({
      family: 6,
      address: '2001:db8:10::1',
      prefixLength: 64,
      scope: 'global',
      dynamic: false,
    });
  });

  test('forward chains of others that drop are found', async () => {
    expect(await host.ask('forwardFilters', undefined)).toEqual({ ok: true, value: [] });
    await namespace.run('nft', 'add', 'table', 'ip', 'filter');
    const hook = '{ type filter hook forward priority 0; policy drop; }';
    await namespace.run('nft', 'add', 'chain', 'ip', 'filter', 'FORWARD', hook);
    await namespace.run('nft', 'add', 'chain', 'ip', 'filter', 'DOCKER-USER');
    expect(await host.ask('forwardFilters', undefined)).toEqual({
      ok: true,
      value: [{ family: 'ip', table: 'filter', chain: 'FORWARD', docker: true }],
    });
  });
});

/** Type and destination of the routes in the test's table, sorted. */
async function routesOf(namespace: Namespace, family: '-4' | '-6'): Promise<string[]> {
  const routes = JSON.parse(
    await namespace.run('ip', '-j', '-d', family, 'route', 'show', 'table', '28017'),
  ) as { type: string; dst: string }[];
  return routes.map(({ type, dst }) => `${type} ${dst}`).toSorted();
}

/** `ip` and `nft` that do what they should and kill their caller after the nth time they changed something. */
async function deadlyPrograms(folder: string, nth: number): Promise<string> {
  const programs = join(folder, 'programs');
  const count = join(folder, 'changes');
  await mkdir(programs);
  for (const name of ['ip', 'nft']) {
    const script = `#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
${name} "$@"
status=$?
case "$*" in *-batch*|"-f -") echo >> ${count}; [ $(wc -l < ${count}) -eq ${nth} ] && kill -9 $PPID;; esac
exit $status
`;
    await writeFile(join(programs, name), script, { mode: 0o755 });
  }
  return programs;
}
