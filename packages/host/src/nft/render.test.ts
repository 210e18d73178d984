import { expect, test } from 'vitest';

import { renderRemoval, renderTable } from './render.js';
import type { NftTable } from './table.js';

const table: NftTable = {
  name: 'masque_vpn',
  sets: [
    { name: 'pool4', family: 4, prefixes: ['10.89.0.0/16', '10.97.0.0/24'] },
    { name: 'pool6', family: 6, prefixes: [] },
  ],
  chains: [
    {
      name: 'forward',
      type: 'filter',
      hook: 'forward',
      priority: -150,
      rules: [
        {
          match: [
            { on: 'inInterface', op: 'is', names: ['masque0'] },
            { on: 'outInterface', op: 'not', names: ['lo', 'masque0'] },
            { on: 'source', family: 4, op: 'not', set: 'pool4' },
            { on: 'destination', family: 6, op: 'is', set: 'pool6' },
          ],
          verdict: 'drop',
          comment: 'spoofed (CIP-1003)',
        },
        { match: [{ on: 'flow', states: ['established', 'related'] }], verdict: 'accept' },
        {
          match: [
            { on: 'family', family: 6 },
            { on: 'sourceIsLocal', op: 'not' },
          ],
          verdict: 'return',
        },
        { match: [{ on: 'icmp', types: ['echo-request'] }], verdict: 'masquerade' },
        { match: [{ on: 'icmpv6', types: ['packet-too-big', 'echo-reply'] }], verdict: 'reject' },
        { match: [{ on: 'translated' }], verdict: 'accept' },
        {
          match: [
            { on: 'port', protocol: 'tcp', port: 2222 },
            { on: 'destinationIsLocal', op: 'is' },
          ],
          verdict: { to: 'destination', family: 4, address: '10.89.0.5', port: 22 },
        },
        {
          match: [{ on: 'port', protocol: 'udp', port: 53 }],
          verdict: { to: 'destination', family: 6, address: 'fd00::5', port: 5353 },
        },
      ],
    },
  ],
};

test('a table replaces whatever was there, in one transaction, and says whose it is', () => {
  expect(renderTable(table, '42_777')).toBe(`add table inet masque_vpn
delete table inet masque_vpn
table inet masque_vpn {
  chain masque_vpn_owner_42_777 {
  }
  set pool4 {
    type ipv4_addr
    flags interval
    elements = { 10.89.0.0/16, 10.97.0.0/24 }
  }
  set pool6 {
    type ipv6_addr
    flags interval
  }
  chain forward {
    type filter hook forward priority -150; policy accept;
    iifname "masque0" oifname != { "lo", "masque0" } ip saddr != @pool4 ip6 daddr @pool6 counter drop comment "spoofed (CIP-1003)"
    ct state { established, related } accept
    meta nfproto ipv6 fib saddr type != local return
    icmp type echo-request masquerade
    icmpv6 type { packet-too-big, echo-reply } counter reject with icmpx type admin-prohibited
    ct status dnat accept
    tcp dport 2222 fib daddr type local dnat ip to 10.89.0.5:22
    udp dport 53 dnat ip6 to [fd00::5]:5353
  }
}
`);
});

test('removal works whether or not the table is there', () => {
  expect(renderRemoval('masque_vpn')).toBe('add table inet masque_vpn\ndelete table inet masque_vpn\n');
});
