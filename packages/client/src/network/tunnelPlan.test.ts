import type { HostPlan } from '@masque-vpn/host';
import { parseAddress, parsePrefix, prefixContains, type IpAddress } from '@masque-vpn/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { clientMark, tunnelPlan, type TunnelNetwork } from './tunnelPlan.js';

const device = { name: 'masque-alice', ipv6: true };

const tunnel: TunnelNetwork = {
  mtu: 1400,
  assigned: ['10.89.0.5/32', '2001:db8:89::5/128'],
  routes: ['0.0.0.0/0', '::/0'],
  behind: [],
  serverAddresses: ['203.0.113.7'],
};

describe('the client’s plan', () => {
  test('is rules that no packet of the tunnel itself falls under (CIP-809)', () => {
    const { plan } = tunnelPlan(device, tunnel);
    expect(plan.rules.filter(({ family }) => family === 4)).toEqual([
      { family: 4, priority: 28016, table: 254, suppressPrefixLength: 0 },
      { family: 4, priority: 28017, table: 28017, fwmark: { match: 'not', mark: clientMark } },
    ]);
    expect(clientMark).toBe(28017);
  });

  test('routes a family only if it has an address there', () => {
    const { plan, applied } = tunnelPlan(device, { ...tunnel, assigned: ['10.89.0.5/32'] });
    expect(applied.routes).toEqual(['0.0.0.0/0']);
    expect(plan.rules.every(({ family }) => family === 4)).toBe(true);
  });

  test('takes an address of a wider assigned prefix that is no network address', () => {
    const assigned = ['192.0.2.0/24', '192.0.2.4/31', '2001:db8::/64', '2001:db8:1::4/127'];
    expect(tunnelPlan(device, { ...tunnel, assigned }).applied.addresses).toEqual([
      '192.0.2.1/32',
      '192.0.2.4/32',
      '2001:db8::1/128',
      '2001:db8:1::4/128',
    ]);
  });

  test('drops IPv6 below 1280 and says so (CIP-1205)', () => {
    const { plan, applied } = tunnelPlan(device, { ...tunnel, mtu: 1279 });
    expect(applied.addresses).toEqual(['10.89.0.5/32']);
    expect(applied.warnings).toEqual(['2001:db8:89::5/128 needs an MTU of 1280; the path has 1279']);
    expect(plan.link?.mtu).toBe(1279);
  });

  test('does without IPv6 where the kernel has none, and says so', () => {
    const { plan, applied } = tunnelPlan({ ...device, ipv6: false }, tunnel);
    expect(applied).toMatchObject({ addresses: ['10.89.0.5/32'], routes: ['0.0.0.0/0'] });
    expect(applied.warnings).toEqual(['2001:db8:89::5/128 is not used: this kernel has no IPv6']);
    expect(plan.sysctls).toEqual([]);
  });

  test('leaves link-scoped IPv4 to the link, advertised or not', () => {
    const routes = ['0.0.0.0/0', '224.0.0.0/8', '169.254.7.0/24'];
    expect(tunnelPlan(device, { ...tunnel, routes }).applied.routes).toEqual(['0.0.0.0/0']);
  });

  test('a tunnel without addresses changes the link only', () => {
    const { plan } = tunnelPlan(device, { ...tunnel, assigned: [] });
    expect(plan).toMatchObject({ routes: [], rules: [], nft: null, sysctls: [] });
  });

  test('never leads to the server through the tunnel, whatever is advertised (CIP-809)', () => {
    const prefix = fc
      .tuple(fc.nat(32), fc.nat({ max: 0xffffffff }))
      .map(([length, bits]) => masked(bits, length));
    const server = fc.nat({ max: 0xffffffff }).map((bits) => masked(bits, 32).split('/')[0] ?? '');
    fc.assert(
      fc.property(fc.array(prefix, { maxLength: 6 }), server, (routes, address) => {
        const near = [...routes, ...[8, 24, 31, 32].map((length) => masked(toBits(address), length))];
        const { plan } = tunnelPlan(device, { ...tunnel, routes: near, serverAddresses: [address] });
        expect(lookUp(plan, address)).toBe('throw');
        const keys = plan.routes.map((route) => route.prefix);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});

/** Type of the longest match in the plan's table. */
function lookUp(plan: HostPlan, destination: string): string | undefined {
  const address = parseAddress(destination);
  const matching = plan.routes.filter((route) => address.ok && contains(route.prefix, address.value));
  return matching.toSorted((a, b) => lengthOf(b.prefix) - lengthOf(a.prefix))[0]?.type;
}

function contains(text: string, address: IpAddress): boolean {
  const prefix = parsePrefix(text);
  return prefix.ok && prefixContains(prefix.value, address);
}

function lengthOf(prefix: string): number {
  return Number(prefix.split('/')[1]);
}

function toBits(address: string): number {
  return address.split('.').reduce((bits, byte) => bits * 256 + Number(byte), 0);
}

function masked(bits: number, length: number): string {
  const value = length === 0 ? 0 : Math.floor(bits / 2 ** (32 - length)) * 2 ** (32 - length);
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256);
  return `${bytes.join('.')}/${length}`;
}
