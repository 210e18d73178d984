import { describe, expect, it } from 'vitest';
import { normalizeRoutes, formatRoute, type Route } from './route.js';
import {
  formatTarget,
  isExtensionHeaderScope,
  parseIpproto,
  parseTarget,
  restrictRoutes,
  type Scope,
  scopeFamilies,
  WHOLE_NETWORK,
} from './scope.js';
import { ip, must, net, route } from './testing/parse.js';

describe('parseTarget', () => {
  it.each([
    ['*', '*'],
    ['%2A', '*'],
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.0%2F24', '192.0.2.0/24'],
    ['192.0.2.0%2f24', '192.0.2.0/24'],
    ['0.0.0.0%2F0', '0.0.0.0/0'],
    ['192.0.2.1%2F32', '192.0.2.1'],
    ['10.0.0.0%2F08', '10.0.0.0/8'],
    ['2001%3Adb8%3A%3A%2F32', '2001:db8::/32'],
    ['2001%3adb8%3a%3a%2f32', '2001:db8::/32'],
    ['2001:db8::1', '2001:db8::1'],
    ['%3A%3A%2F0', '::/0'],
    ['Host.Example.', 'host.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['_dns.example', '_dns.example'],
    ['1host', '1host'],
    ['10.example', '10.example'],
  ])('takes %s (CIP-401 … CIP-403, CIP-205)', (raw, expected) => {
    expect(formatTarget(must(parseTarget(raw)))).toBe(expected);
  });

  it.each([
    ['', 'CIP-401'],
    ['%2', 'CIP-401'],
    ['%zz', 'CIP-401'],
    ['%00', 'CIP-401'],
    ['%20', 'CIP-401'],
    ['%C3%A9', 'CIP-401'],
    ['192.0.2.0%252F24', 'CIP-401'],
    ['..', 'CIP-401'],
    ['%2e%2e', 'CIP-401'],
    ['a..b', 'CIP-401'],
    ['-a.example', 'CIP-401'],
    ['**', 'CIP-401'],
    [`${'a'.repeat(64)}.example`, 'CIP-401'],
    ['192.0.2.1%2F24', 'CIP-402'],
    ['192.0.2.0%2F33', 'CIP-402'],
    ['192.0.2.0%2F', 'CIP-402'],
    ['192.0.2.0%2F+8', 'CIP-402'],
    ['192.0.2.0%2F024', 'CIP-402'],
    ['192.0.2.0%2F24%2F8', 'CIP-402'],
    ['host.example%2F24', 'CIP-402'],
    ['2001%3Adb8%3A%3A1%2F32', 'CIP-403'],
    ['%3A%3A%2F129', 'CIP-403'],
    ['%3A%3A%2F0128', 'CIP-403'],
    ['fe80%3A%3A1%25eth0', 'CIP-403'],
    ['%5B%3A%3A1%5D', 'CIP-403'],
    ['192.0.2.256', 'CIP-404'],
    ['10.1', 'CIP-404'],
    ['0x7f.1', 'CIP-404'],
    ['127.0x1', 'CIP-404'],
    ['2130706433', 'CIP-404'],
    ['010.0.0.1', 'CIP-404'],
  ])('refuses "%s" by %s', (raw, rule) => {
    expect(parseTarget(raw)).toMatchObject({ ok: false, error: { code: 'SCOPE_TARGET_INVALID', rule } });
  });
});

describe('parseIpproto (CIP-405)', () => {
  it.each([
    ['0', 0],
    ['6', 6],
    ['006', 6],
    ['255', 255],
    ['%31%37', 17],
    ['%2A', 'any'],
    ['*', 'any'],
  ])('takes %s', (raw, expected) => {
    expect(parseIpproto(raw)).toEqual({ ok: true, value: expected });
  });

  it.each(['256', '-1', '+6', '0x11', 'tcp', '1000', '0006', '', ' 6', '6.0', '%'])('refuses "%s"', (raw) => {
    expect(parseIpproto(raw)).toMatchObject({
      ok: false,
      error: { code: 'SCOPE_IPPROTO_INVALID', rule: 'CIP-405' },
    });
  });
});

describe('restrictRoutes', () => {
  const FULL = [route('0.0.0.0/0'), route('::/0')];
  const show = (routes: readonly Route[]): string[] =>
    routes.map(formatRoute).map(({ start, end, protocol }) => `${start}-${end} ${protocol}`);
  const scope = (target: string, ipproto = '*'): Scope => ({
    target: must(parseTarget(target)),
    protocol: must(parseIpproto(ipproto)),
  });

  it('leaves the whole network as it is, in the families that have an address (CIP-407)', () => {
    expect(show(restrictRoutes(FULL, WHOLE_NETWORK, { families: [4, 6] }))).toHaveLength(2);
    // All sessions of the whole network share what is offered.
    const offered = normalizeRoutes(FULL);
    expect(restrictRoutes(offered, WHOLE_NETWORK, { families: [4, 6] })).toBe(offered);
    expect(show(restrictRoutes(FULL, WHOLE_NETWORK, { families: [4] }))).toEqual([
      '0.0.0.0-255.255.255.255 0',
    ]);
  });

  it('keeps a literal target to its family and addresses (CIP-406, CIP-807)', () => {
    expect(show(restrictRoutes(FULL, scope('198.51.100.7', '17'), { families: [4, 6] }))).toEqual([
      '198.51.100.7-198.51.100.7 17',
    ]);
    expect(scopeFamilies(scope('192.0.2.0%2F24'))).toEqual([4]);
    expect(scopeFamilies(scope('%3A%3A'))).toEqual([6]);
    expect(scopeFamilies(scope('host.example'))).toEqual([4, 6]);
  });

  it('never widens what is routed: only the common part is left', () => {
    const routes = [route('10.0.0.0/8', 6), route('10.1.0.0/16', 17), route('192.0.2.0/24')];
    expect(show(restrictRoutes(routes, scope('10.1.0.0%2F16', '6'), { families: [4] }))).toEqual([
      '10.1.0.0-10.1.255.255 6',
    ]);
    expect(restrictRoutes(routes, scope('172.16.0.0%2F12'), { families: [4] })).toEqual([]);
  });

  it('advertises each resolved address of a host name, IPv4 first, ascending (CIP-407)', () => {
    const resolved = ['2001:db8::9', '2001:db8::5', '192.0.2.7'].map(ip);
    expect(show(restrictRoutes(FULL, scope('host.example', '17'), { families: [4, 6], resolved }))).toEqual([
      '192.0.2.7-192.0.2.7 17',
      '2001:db8::5-2001:db8::5 17',
      '2001:db8::9-2001:db8::9 17',
    ]);
    expect(restrictRoutes(FULL, scope('host.example'), { families: [4, 6] })).toEqual([]);
  });

  it('never turns a scope of Hop-by-Hop into all protocols (CIP-902)', () => {
    expect(restrictRoutes(FULL, scope('*', '0'), { families: [4, 6] })).toEqual([]);
  });
});

describe('isExtensionHeaderScope (CIP-408)', () => {
  it.each([0, 43, 44, 60, 135, 139, 140])('%i is one', (protocol) => {
    expect(isExtensionHeaderScope({ target: WHOLE_NETWORK.target, protocol })).toBe(true);
  });

  it.each([1, 6, 17, 50, 51, 58, 'any'] as const)('%s is none', (protocol) => {
    expect(isExtensionHeaderScope({ target: WHOLE_NETWORK.target, protocol })).toBe(false);
  });

  it('formats prefixes with length, hosts without', () => {
    expect(formatTarget({ kind: 'prefix', prefix: net('10.0.0.0/8') })).toBe('10.0.0.0/8');
  });
});
