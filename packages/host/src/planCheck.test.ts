import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { renderTable } from './nft/render.js';
import type { NftTable } from './nft/table.js';
import { emptyPlan, type HostPlan } from './plan.js';
import { planProblems } from './planCheck.js';

const link = { name: 'masque0', mtu: 1400, addresses: ['10.0.0.1/16', '2001:db8::1/64'] };

describe('planProblems', () => {
  test('a sound plan has none', () => {
    const plan: HostPlan = {
      link,
      routes: [
        { type: 'unicast', prefix: '0.0.0.0/0', table: 28017, dev: 'masque0', via: '10.0.0.9', metric: 5 },
        { type: 'throw', prefix: '2001:db8::7/128', table: 28017 },
      ],
      rules: [{ family: 4, priority: 28017, table: 28017, fwmark: { match: 'not', mark: 28017 } }],
      nft: null,
      sysctls: [{ key: 'net/ipv4/conf/eth0.100/forwarding', value: '1' }],
    };
    expect(planProblems(plan)).toEqual([]);
  });

  test.each<[string, Partial<HostPlan>, string]>([
    ['an interface name too long', { link: { ...link, name: 'a'.repeat(16) } }, 'no interface name'],
    ['an option as interface name', { link: { ...link, name: '-batch' } }, 'no interface name'],
    ['an MTU of 67', { link: { ...link, mtu: 67, addresses: [] } }, 'no MTU'],
    ['IPv6 below 1280', { link: { ...link, mtu: 1279 } }, 'needs an MTU of 1280'],
    ['an address that is none', { link: { ...link, addresses: ['10.0.0.256/8'] } }, 'no address'],
    ['a length beyond the family', { link: { ...link, addresses: ['10.0.0.1/33'] } }, 'no address'],
    ['a prefix that is none', { routes: [{ type: 'throw', prefix: 'default', table: 1 }] }, 'no prefix'],
    ['table 0', { routes: [{ type: 'throw', prefix: '::/0', table: 0 }] }, 'no routing table'],
    [
      'a gateway with a length',
      { routes: [{ type: 'unicast', prefix: '::/0', table: 1, dev: 'a', via: '::1/128' }] },
      'no address',
    ],
    ['priority 0, the local table’s', { rules: [{ family: 4, priority: 0, table: 1 }] }, 'no rule priority'],
    [
      'mark 0, every packet’s',
      { rules: [{ family: 4, priority: 1, table: 1, fwmark: { match: 'is', mark: 0 } }] },
      'no mark',
    ],
    ['a parameter outside net', { sysctls: [{ key: 'kernel/core_pattern', value: '1' }] }, 'no parameter'],
    ['a parameter that climbs', { sysctls: [{ key: 'net/../kernel/x', value: '1' }] }, 'no parameter'],
    ['a value of two lines', { sysctls: [{ key: 'net/a', value: '1\n2' }] }, 'no value'],
  ])('refuses %s', (_, part, problem) => {
    expect(planProblems({ ...emptyPlan, ...part }).join()).toContain(problem);
  });

  test('refuses a set of another family and a match on a set that is not there', () => {
    const nft: NftTable = {
      name: 't',
      sets: [{ name: 's', family: 4, prefixes: ['::/0'] }],
      chains: [
        {
          name: 'c',
          type: 'filter',
          hook: 'input',
          priority: 0,
          rules: [{ match: [{ on: 'source', family: 6, op: 'is', set: 's' }], verdict: 'drop' }],
        },
      ],
    };
    expect(planProblems({ ...emptyPlan, nft })).toEqual([
      '"::/0" is no IPv4 prefix for set s',
      'the table has no IPv6 set "s"',
    ]);
  });

  const character = fc.constantFrom(...Array.from('aZ0_.@+-"\\{};#*/$` \n\t\0é'));
  test.each([
    [{ address: '10.0.0.5; drop', port: 22 }, 'no IPv4 address'],
    [{ address: 'fd00::5', port: 22 }, 'no IPv4 address'],
    [{ address: '10.0.0.5/32', port: 22 }, 'no IPv4 address'],
    [{ address: '10.0.0.5', port: 0 }, 'no port'],
    [{ address: '10.0.0.5', port: 65_536 }, 'no port'],
  ])('refuses a translation to %j', (to, problem) => {
    const rule = {
      match: [{ on: 'port', protocol: 'tcp', port: 22 }],
      verdict: { to: 'destination', family: 4, ...to },
    } as const;
    const chain = { name: 'c', type: 'nat', hook: 'prerouting', priority: -100, rules: [rule] } as const;
    const nft: NftTable = { name: 't', sets: [], chains: [chain] };
    expect(planProblems({ ...emptyPlan, nft }).join()).toContain(problem);
  });

  test('what passes is one word to ip and cannot end a string of nft', () => {
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 6 }), (text) => {
        const nft: NftTable = {
          name: 't',
          sets: [],
          chains: [
            {
              name: 'c',
              type: 'filter',
              hook: 'input',
              priority: 0,
              rules: [
                {
                  match: [{ on: 'inInterface', op: 'is', names: [text] }],
                  verdict: 'drop',
                  comment: text,
                },
              ],
            },
          ],
        };
        fc.pre(planProblems({ ...emptyPlan, nft }).length === 0);
        const rendered = renderTable(nft, '1_2');
        expect(rendered.match(/"/g)).toHaveLength(4);
        expect(rendered.split('\n')).toHaveLength(11);
        expect(text).toMatch(/^[A-Za-z0-9_.@+-]+$/);
      }),
    );
  });
});
