import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { emptyPlan, mainTable, type HostPlan } from '../plan.js';
import type { Namespace } from '../testing/index.js';
import { openHostLab, type HostLab } from './testing/lab.js';
import { samplePlan } from './testing/samplePlan.js';

const done = { ok: true };
const ahead = { link: 'tun-test', nft: 'masque_vpn_test' };

describe('changes of a real kernel', () => {
  let lab: HostLab;
  let namespace: HostLab['namespace'];
  let host: HostLab['host'];
  let journal: HostLab['journal'];
  let before: HostLab['before'];

  beforeEach(async () => {
    lab = await openHostLab();
    ({ namespace, host, journal, before } = lab);
  });
  afterEach(() => lab[Symbol.asyncDispose]());

  test('a plan is in place after apply and gone without a trace after disposal', async () => {
    expect(await host.ask('open', journal)).toEqual({ ok: true, value: [] });
    expect(await host.ask('apply', samplePlan)).toEqual(done);

    const link = await namespace.run('ip', '-d', 'address', 'show', 'dev', 'tun-test');
    expect(link).toContain('mtu 1400');
    expect(link).toContain('inet 10.89.0.1/16');
    expect(link).toContain('inet6 fd00:89::1/64');
    expect(link).not.toContain('fe80');
    expect(await namespace.run('ip', '-d', 'link', 'show', 'dev', 'tun-test')).toContain('addrgenmode none');
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
    await host.ask('apply', samplePlan);
    const first = await namespace.dump();
    const handles = await namespace.run('nft', '-a', 'list', 'ruleset');
    expect(await host.ask('apply', samplePlan)).toEqual(done);
    expect(await namespace.dump()).toBe(first);
    expect(await namespace.run('nft', '-a', 'list', 'ruleset')).toBe(handles);
  });

  test('a changed plan changes the kernel to it, and removal still restores everything', async () => {
    await host.ask('open', journal);
    await host.ask('apply', samplePlan);
    const changed: HostPlan = {
      link: { name: 'tun-test', mtu: 1300, addresses: ['10.89.0.9/32', 'fd00:89::9/128'] },
      routes: [
        { type: 'throw', prefix: '0.0.0.0/0', table: 28017 },
        { type: 'unicast', prefix: '203.0.113.7/32', table: 28017, dev: 'tun-test' },
        { type: 'unicast', prefix: '2001:db8::7/128', table: 28017, dev: 'tun-test' },
        { type: 'unreachable', prefix: '198.51.100.0/24', table: 28017, metric: 8 },
      ],
      rules: samplePlan.rules.slice(0, 2),
      nft: { name: 'masque_vpn_test', sets: [], chains: [] },
      sysctls: samplePlan.sysctls.slice(0, 1),
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
    await host.ask('apply', samplePlan);
    const first = await namespace.dump();
    await namespace.ip(
      'address del 10.89.0.1/16 dev tun-test',
      'rule del priority 28017',
      'link set tun-test mtu 1300',
    );
    await namespace.run('nft', 'delete', 'table', 'inet', 'masque_vpn_test');
    expect(await host.ask('apply', samplePlan)).toEqual(done);
    expect(await namespace.dump()).toBe(first);
  });

  test('what was looked at ahead is not looked at again by the first apply, but by the next', async () => {
    // Nothing to take away: that would be looked at again after building.
    const plan = { ...samplePlan, link: { name: 'tun-test', mtu: 1500, addresses: [] } };
    const { programs, calls } = await loggedPrograms(lab.folder);
    const watched = lab.another(programs);
    await watched.ask('open', journal);
    await watched.ask('lookAhead', ahead);
    expect(await watched.ask('apply', plan)).toEqual(done);
    const looks = async (): Promise<number> => (await calls()).filter((call) => isLook(call)).length;
    const first = await looks();
    expect(first).toBe(3);
    expect(await watched.ask('apply', plan)).toEqual(done);
    expect(await looks()).toBeGreaterThan(first);
    await watched.ask('dispose', undefined);
    expect(await namespace.dump()).toBe(before);
  });

  test('a table of somebody else that came after the look is a conflict and stays', async () => {
    const { programs, calls } = await loggedPrograms(lab.folder);
    const watched = lab.another(programs);
    await watched.ask('open', journal);
    await watched.ask('lookAhead', ahead);
    await expect.poll(async () => (await calls()).length).toBe(3);
    await namespace.run('nft', 'add', 'table', 'inet', 'masque_vpn_test');
    before = await namespace.dump();
    expect(await watched.ask('apply', samplePlan)).toMatchObject({
      ok: false,
      error: { code: 'HOST_CONFLICT' },
    });
    await watched.ask('dispose', undefined);
    expect(await namespace.dump()).toBe(before);
  });

  test('a look ahead at another interface is not used', async () => {
    await namespace.ip('address add 10.89.0.1/16 dev tun-test');
    const { programs, calls } = await loggedPrograms(lab.folder);
    const watched = lab.another(programs);
    await watched.ask('open', journal);
    await watched.ask('lookAhead', { ...ahead, link: 'up0' });
    await expect.poll(async () => (await calls()).length).toBe(3);
    await namespace.ip('address del 10.89.0.1/16 dev tun-test');
    expect(await watched.ask('apply', samplePlan)).toEqual(done);
    expect(await namespace.run('ip', 'address', 'show', 'dev', 'tun-test')).toContain('10.89.0.1/16');
  });

  test('IPv6 goes and comes back as the MTU crosses 1280 (RFC 8200 §5)', async () => {
    const small = { name: 'tun-test', mtu: 1000, addresses: ['10.89.0.1/16'] };
    await host.ask('open', journal);
    await host.ask('apply', samplePlan);
    expect(await host.ask('apply', { ...samplePlan, link: small })).toEqual(done);
    expect(await namespace.run('ip', 'address', 'show', 'dev', 'tun-test')).not.toContain('inet6');
    expect(await host.ask('apply', samplePlan)).toEqual(done);
    const link = await namespace.run('ip', '-d', 'address', 'show', 'dev', 'tun-test');
    expect(link).toContain('inet6 fd00:89::1/64');
    expect(link).not.toContain('fe80');
    expect(await routesOf(namespace, '-6')).toHaveLength(3);
  });

  test('an interface that is gone and came back gets everything again', async () => {
    await host.ask('open', journal);
    await host.ask('apply', samplePlan);
    await namespace.ip('link del tun-test');
    expect(await host.ask('apply', samplePlan)).toMatchObject({
      ok: false,
      error: { code: 'HOST_LINK_MISSING' },
    });
    await namespace.ip('tuntap add dev tun-test mode tun');
    expect(await host.ask('apply', samplePlan)).toEqual(done);
    expect(await namespace.run('ip', 'address', 'show', 'dev', 'tun-test')).toContain('fd00:89::1/64');
    expect(await routesOf(namespace, '-4')).toHaveLength(3);
  });

  test('removal works after the interface has gone with its process', async () => {
    await host.ask('open', journal);
    await host.ask('apply', samplePlan);
    await namespace.ip('link del tun-test');
    expect(await host.ask('remove', undefined)).toEqual(done);
    const after = await namespace.dump();
    expect(after).not.toMatch(/28017|masque_vpn_test|tun-test/);
    expect(await namespace.run('sysctl', '-n', 'net.ipv6.conf.all.forwarding')).toBe('0\n');
  });

  test('a sysctl that somebody changed after us is theirs', async () => {
    await host.ask('open', journal);
    await host.ask('apply', samplePlan);
    await namespace.run('sh', '-c', 'echo 0 > /proc/sys/net/ipv6/conf/up0/accept_ra');
    await host.ask('remove', undefined);
    expect(await namespace.run('sysctl', '-n', 'net.ipv6.conf.up0.accept_ra')).toBe('0\n');
  });

  test('addresses and routes of others on the same interface stay', async () => {
    await namespace.ip('address add 10.99.0.1/24 dev tun-test');
    before = await namespace.dump();
    await host.ask('open', journal);
    await host.ask('apply', samplePlan);
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
    const applied = await host.ask('apply', { ...samplePlan, routes: [...samplePlan.routes, via] });
    expect(applied).toMatchObject({ ok: false, error: { code: 'HOST_COMMAND_FAILED' } });
    expect(JSON.stringify(applied)).toContain('ip route add unicast 10.92.0.0/16 via 198.18.0.1');
    expect(await namespace.dump()).toBe(before);
  });

  test('a change that fails leaves the plan before it', async () => {
    await host.ask('open', journal);
    await host.ask('apply', samplePlan);
    const first = await namespace.dump();
    const sysctls = [...samplePlan.sysctls, { key: 'net/ipv4/conf/nowhere/forwarding', value: '1' }];
    const failed = await host.ask('apply', {
      ...samplePlan,
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
});

/** Programs that do their work and then write down how they were called. */
async function loggedPrograms(
  folder: string,
): Promise<{ readonly programs: string; readonly calls: () => Promise<readonly string[]> }> {
  const programs = join(folder, 'programs');
  const log = join(folder, 'calls');
  await mkdir(programs);
  await writeFile(log, '');
  for (const name of ['ip', 'nft']) {
    const script = `#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
${name} "$@"
status=$?
echo "$*" >> ${log}
exit $status
`;
    await writeFile(join(programs, name), script, { mode: 0o755 });
  }
  const calls = async (): Promise<readonly string[]> =>
    (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
  return { programs, calls };
}

function isLook(call: string): boolean {
  return call.startsWith('-j');
}

/** Type and destination of the routes in the test's table, sorted. */
async function routesOf(namespace: Namespace, family: '-4' | '-6'): Promise<string[]> {
  const routes = JSON.parse(
    await namespace.run('ip', '-j', '-d', family, 'route', 'show', 'table', '28017'),
  ) as { type: string; dst: string }[];
  return routes.map(({ type, dst }) => `${type} ${dst}`).toSorted();
}
