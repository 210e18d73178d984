import type { FirewallChain } from '@masque-vpn/host';
import { FakeHost } from '@masque-vpn/host/fake';
import { fail, ok, parseAddress } from '@masque-vpn/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import type { NetworkState } from '../process/networkKeeper.js';
import type { Check, CheckFinding } from './check.js';
import { Checks, type ChecksOptions } from './checks.js';
import type { CheckId } from './codes.js';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

let host: FakeHost;
let options: Writable<Omit<ChecksOptions, 'host'>>;
let traffic: { packetsReceived: number; packetsSent: number };

const chainOf = (parts: Partial<FirewallChain> & Pick<FirewallChain, 'name'>): FirewallChain => ({
  ...{ family: 'inet', table: 'masque_vpn', rules: [] },
  base: null,
  ...parts,
});
const masquerade = (key: string): FirewallChain['rules'][number] => ({
  matches: [{ key, negated: false, values: [] }],
  verdict: { kind: 'masquerade' },
});
const postrouting = chainOf({
  name: 'postrouting',
  base: { hook: 'postrouting', type: 'nat', drops: false },
  rules: [masquerade('ip.saddr'), masquerade('ip6.saddr')],
});
const dropping = (hook: string, name: string, table = 'filter'): FirewallChain =>
  chainOf({ name, table, family: 'ip', base: { hook, type: 'filter', drops: true } });

beforeEach(() => {
  host = new FakeHost();
  host.chains = [postrouting];
  for (const name of ['masque0', 'eth0']) host.sysctls.set(`net/ipv4/conf/${name}/forwarding`, '1');
  host.sysctls.set('net/ipv6/conf/all/forwarding', '1');
  traffic = { packetsReceived: 0, packetsSent: 0 };
  options = {
    network: { state: { active: true } as NetworkState },
    settings: {
      tun: { name: 'masque0', mtu: 1400, offload: true },
      pools: ['10.89.0.0/16', 'fd00::/64'],
      gateways: { ipv4: '10.89.0.1', ipv6: 'fd00::1' },
      ...{ manage: true, nat: true, hostAccess: false, journalPath: '' },
    },
    metrics: {
      read: () => undefined,
      get totalTraffic() {
        return { bytesSent: 0, bytesReceived: 0, dropsSending: 0, dropsReceiving: 0, ...traffic };
      },
    },
    arrivals: { fromAfar: null, fromNearby: null },
    resolveName: async (name) => {
      const known: Readonly<Record<string, string>> = { 'vpn.example': '192.0.2.10', vm: '127.0.1.1' };
      const address = parseAddress(known[name] ?? '203.0.113.7');
      return name === 'nowhere.example' || !address.ok ? fail('TARGET_UNRESOLVED') : ok([address.value]);
    },
    listenAddress: '::',
    port: 443,
    publicHost: 'vpn.example',
    frontProblem: () => null,
    startedAtMs: 5_000,
  };
});

async function check(id: CheckId): Promise<Check> {
  const found = (await new Checks({ ...options, host }).run()).find((one) => one.id === id);
  if (found === undefined) throw new Error(id);
  return found;
}
/** State and codes, the deciding one first. */
async function codes(id: CheckId): Promise<readonly string[]> {
  const { state, findings } = await check(id);
  return [state, ...findings.map(({ code }) => code)];
}
async function first(id: CheckId): Promise<CheckFinding> {
  const [found] = (await check(id)).findings;
  if (found === undefined) throw new Error(id);
  return found;
}

describe('the UDP port', () => {
  test('is reached when somebody from afar has come', async () => {
    options.arrivals = { fromAfar: { address: '203.0.113.9', atMs: 9_000 }, fromNearby: null };
    expect(await codes('udpPort')).toEqual(['ok', 'UDP_PORT_REACHED']);
    expect((await first('udpPort')).facts).toEqual({ port: 443, from: '203.0.113.9', atMs: 9_000 });
  });

  test('is not known to be reached before, nor by somebody nearby', async () => {
    expect(await codes('udpPort')).toEqual(['unknown', 'UDP_PORT_SILENT']);
    options.arrivals = { fromAfar: null, fromNearby: { address: '192.168.1.9', atMs: 9_000 } };
    expect(await codes('udpPort')).toEqual(['unknown', 'UDP_PORT_SILENT']);
    expect((await first('udpPort')).facts).toEqual({ port: 443, sinceMs: 5_000, nearby: '192.168.1.9' });
  });

  test('is reached by somebody nearby where the server is for its own network', async () => {
    options.publicHost = '192.168.1.1';
    options.arrivals = { fromAfar: null, fromNearby: { address: '192.168.1.9', atMs: 9_000 } };
    expect(await codes('udpPort')).toEqual(['ok', 'UDP_PORT_REACHED', 'PUBLIC_HOST_PRIVATE']);
  });

  test('is closed on loopback', async () => {
    options.listenAddress = '127.0.0.1';
    expect(await codes('udpPort')).toEqual(['problem', 'UDP_PORT_ON_LOOPBACK', 'UDP_PORT_SILENT']);
  });

  test('is closed by a firewall of this host, whose chain is named with the remedy', async () => {
    host.chains = [dropping('input', 'INPUT')];
    expect(await codes('udpPort')).toEqual(['problem', 'UDP_PORT_FILTERED', 'UDP_PORT_SILENT']);
    const { facts, remedy } = await first('udpPort');
    expect(facts).toEqual({ port: 443, families: ['IPv4'], family: 'ip', table: 'filter', chain: 'INPUT' });
    expect(remedy).toContain('nft insert rule ip filter INPUT udp dport 443 accept');
  });

  test.each([
    ['nowhere.example', 'problem', 'PUBLIC_HOST_UNRESOLVED'],
    ['elsewhere.example', 'unknown', 'PUBLIC_HOST_ELSEWHERE'],
    ['10.0.0.5', 'unknown', 'PUBLIC_HOST_PRIVATE'],
  ])('is not found by clients that are told %s', async (publicHost, state, code) => {
    options.publicHost = publicHost;
    expect(await codes('udpPort')).toEqual([state, code, 'UDP_PORT_SILENT']);
  });

  test('is not told to be private because of this machine’s hosts file', async () => {
    options.publicHost = 'vm';
    expect(await codes('udpPort')).toEqual(['unknown', 'UDP_PORT_SILENT']);
  });

  test('has a TCP port beside it, which somebody else may have', async () => {
    options.frontProblem = () => ({ code: 'FRONT_ADDRESS_IN_USE', message: 'in use' });
    expect(await codes('udpPort')).toEqual(['unknown', 'ENROLMENT_PORT_CLOSED', 'UDP_PORT_SILENT']);
  });
});

describe('forwarding', () => {
  test('works where nothing is in its way', async () => {
    expect(await codes('forwarding')).toEqual(['ok', 'FORWARDING_READY']);
    expect((await first('forwarding')).facts).toEqual({
      tun: 'masque0',
      ways: ['IPv4 by eth0', 'IPv6 by eth0'],
    });
  });

  test('needs the tunnel', async () => {
    options.network = { state: { active: false, problem: { code: 'TUN_MISSING', message: 'no TUN' } } };
    expect(await codes('forwarding')).toEqual(['problem', 'TUN_DOWN']);
    expect(await codes('nat')).toEqual(['problem', 'TUN_DOWN']);
  });

  test.each([
    'net/ipv4/conf/eth0/forwarding',
    'net/ipv4/conf/masque0/forwarding',
    'net/ipv6/conf/all/forwarding',
  ])('is off in the kernel: %s', async (key) => {
    host.sysctls.set(key, '0');
    expect(await codes('forwarding')).toEqual(['problem', 'FORWARDING_OFF']);
    expect((await first('forwarding')).facts['key']).toBe(key);
  });

  test('of IPv6 may be on for the interfaces alone', async () => {
    host.sysctls.set('net/ipv6/conf/all/forwarding', '0');
    for (const name of ['all', 'masque0', 'eth0'])
      host.sysctls.set(`net/ipv6/conf/${name}/force_forwarding`, name === 'all' ? '0' : '1');
    expect(await codes('forwarding')).toEqual(['ok', 'FORWARDING_READY']);
    host.sysctls.set('net/ipv6/conf/eth0/force_forwarding', '0');
    expect(await codes('forwarding')).toEqual(['problem', 'FORWARDING_OFF']);
  });

  test('is dropped by Docker, whose own chain is the remedy', async () => {
    const docker = chainOf({ name: 'DOCKER-USER', family: 'ip', table: 'filter' });
    host.chains = [postrouting, dropping('forward', 'FORWARD'), docker];
    expect(await codes('forwarding')).toEqual(['problem', 'FORWARD_CHAIN_DROPS']);
    expect((await first('forwarding')).remedy).toContain('iptables -I DOCKER-USER -i masque0 -j ACCEPT');
  });

  test('is not dropped where that was done', async () => {
    const accept = (key: string, ...rest: string[]): FirewallChain['rules'][number] => ({
      matches: [
        { key, negated: false, values: ['masque0'] },
        ...(rest.length === 0 ? [] : [{ key: 'ct.state', negated: false, values: rest }]),
      ],
      verdict: { kind: 'accept' },
    });
    const rules = [accept('meta.iifname'), accept('meta.oifname', 'established', 'related')];
    host.chains = [postrouting, { ...dropping('forward', 'FORWARD'), rules }];
    expect(await codes('forwarding')).toEqual(['ok', 'FORWARDING_READY']);
  });

  test('ends here without default route', async () => {
    host.network = { ...host.network, defaultRoutes: [] };
    expect(await codes('forwarding')).toEqual(['problem', 'DEFAULT_ROUTE_MISSING', 'DEFAULT_ROUTE_MISSING']);
  });

  test('of one family only is enough', async () => {
    const { defaultRoutes } = host.network;
    host.network = { ...host.network, defaultRoutes: defaultRoutes.filter(({ family }) => family === 4) };
    expect(await codes('forwarding')).toEqual(['ok', 'FORWARDING_READY', 'DEFAULT_ROUTE_MISSING']);
  });

  test('is proved by packets that came back, and refuted by none', async () => {
    traffic = { packetsReceived: 30, packetsSent: 28 };
    expect(await codes('forwarding')).toEqual(['ok', 'FORWARDING_READY', 'PACKETS_RETURNED']);
    traffic = { packetsReceived: 30, packetsSent: 0 };
    expect(await codes('forwarding')).toEqual(['problem', 'PACKETS_NOT_RETURNED', 'FORWARDING_READY']);
    traffic = { packetsReceived: 3, packetsSent: 0 };
    expect(await codes('forwarding')).toEqual(['ok', 'FORWARDING_READY']);
  });

  test('cannot be looked at without rights, but may be proved all the same', async () => {
    host.firewall = async () => fail({ code: 'HOST_PERMISSION_DENIED', message: 'nft: not permitted' });
    expect(await codes('forwarding')).toEqual(['unknown', 'HOST_UNREADABLE']);
    expect(await codes('nat')).toEqual(['unknown', 'HOST_UNREADABLE']);
    traffic = { packetsReceived: 30, packetsSent: 28 };
    expect(await codes('forwarding')).toEqual(['ok', 'PACKETS_RETURNED', 'HOST_UNREADABLE']);
  });

  test('may be the matter of somebody else', async () => {
    options.settings = { ...options.settings, manage: false };
    expect(await codes('forwarding')).toEqual(['ok', 'FORWARDING_READY', 'HOST_NOT_MANAGED']);
  });
});

describe('NAT', () => {
  test('works where each family is translated', async () => {
    expect(await codes('nat')).toEqual(['ok', 'NAT_READY']);
    traffic = { packetsReceived: 30, packetsSent: 28 };
    expect(await codes('nat')).toEqual(['ok', 'NAT_READY', 'NAT_ANSWERED']);
  });

  test.each<[string, FirewallChain[], number]>([
    ['no table', [], 2],
    ['one family', [{ ...postrouting, rules: [masquerade('ip.saddr')] }], 1],
    ['a chain of another hook', [{ ...postrouting, base: { hook: 'input', type: 'nat', drops: false } }], 2],
  ])('is missing with %s', async (_name, chains, families) => {
    host.chains = chains;
    expect(await codes('nat')).toEqual(['problem', ...Array<string>(families).fill('NAT_MISSING')]);
  });

  test('may be done by somebody else, in a chain further on', async () => {
    const table = { family: 'ip', table: 'nat' };
    const jump: FirewallChain['rules'][number] = { matches: [], verdict: { kind: 'jump', chain: 'OURS' } };
    host.can = { ...host.can, ipv6: false };
    host.chains = [
      chainOf({ ...table, name: 'OURS', rules: [masquerade('ip.saddr')] }),
      { ...postrouting, ...table, rules: [jump] },
    ];
    expect(await codes('nat')).toEqual(['ok', 'NAT_READY']);
  });

  test('may not be wanted', async () => {
    options.settings = { ...options.settings, nat: false };
    host.chains = [];
    expect(await codes('nat')).toEqual(['unknown', 'NAT_OFF']);
  });
});

test('whoever asks while the checks run gets the same answer', async () => {
  const checks = new Checks({ ...options, host });
  const [one, two] = [checks.run(), checks.run()];
  expect(await one).toBe(await two);
  expect(await checks.run()).not.toBe(await one);
});
