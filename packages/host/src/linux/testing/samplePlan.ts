import { mainTable, type HostPlan } from '../../plan.js';

/** One of everything, on the links of the {@link HostLab}. */
export const samplePlan: HostPlan = {
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
