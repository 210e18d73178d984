import type { FirewallChain, FirewallMatch, FirewallRule } from '@masque-vpn/host';
import { describe, expect, test } from 'vitest';
import { passageOf, type PacketFacts } from './passage.js';

const quic: PacketFacts = {
  'meta.l4proto': 'udp',
  'udp.dport': 443,
  'meta.iifname': 'eth0',
  'ct.state': 'new',
};

const is = (key: string, ...values: FirewallMatch['values']): FirewallMatch => ({
  key,
  negated: false,
  values,
});
const unknown: FirewallMatch = { key: null, negated: false, values: [] };
type Kind = 'accept' | 'drop' | 'reject' | 'return';
const then = (kind: Kind, ...matches: FirewallMatch[]): FirewallRule => ({ matches, verdict: { kind } });
const jump = (chain: string, ...matches: FirewallMatch[]): FirewallRule => ({
  matches,
  verdict: { kind: 'jump', chain },
});

function input(drops: boolean, ...rules: FirewallRule[]): FirewallChain {
  return { family: 'inet', table: 't', name: 'in', base: { hook: 'input', type: 'filter', drops }, rules };
}
const sub = (name: string, ...rules: FirewallRule[]): FirewallChain => ({
  ...{ family: 'inet', table: 't', name, rules },
  base: null,
});
const outcome = (...chains: FirewallChain[]): string => passageOf(chains, 'input', 4, quic).outcome;

describe('a packet passes', () => {
  test.each<[string, FirewallChain[]]>([
    ['without a firewall', []],
    ['where the policy lets it', [input(false)]],
    ['by a rule for its port', [input(true, then('accept', is('udp.dport', 443)))]],
    ['by a rule for a range', [input(true, then('accept', is('udp.dport', [400, 500])))]],
    ['by the transport header', [input(true, then('accept', is('th.dport', 443)))]],
    ['by its interface with a wildcard', [input(true, then('accept', is('meta.iifname', 'eth*')))]],
    [
      'by a jump',
      [input(true, jump('ports', is('ct.state', 'new'))), sub('ports', then('accept', is('udp.dport', 443)))],
    ],
    ['past rules of other protocols', [input(false, then('drop', is('tcp.dport', 443)))]],
    ['past rules of the other family', [input(false, then('drop', is('ip6.saddr', 'fd00::1')))]],
    [
      'past rules that are negated',
      [input(false, then('drop', { ...is('meta.iifname', 'eth0'), negated: true }))],
    ],
  ])('%s', (_name, chains) => {
    expect(outcome(...chains)).toBe('open');
  });
});

describe('a packet is refused', () => {
  test.each<[string, FirewallChain[]]>([
    ['by the policy', [input(true)]],
    ['by a rule', [input(false, then('reject', is('meta.l4proto', 'udp')))]],
    ['by one of two tables', [input(false), { ...input(true), table: 'other' }]],
    [
      'after a return',
      [
        input(true, jump('ports')),
        sub('ports', then('return', is('udp.dport', 443)), then('accept', is('meta.l4proto', 'udp'))),
      ],
    ],
    ['where only what is known already passes', [input(true, then('accept', is('ct.state', 'established')))]],
  ])('%s', (_name, chains) => {
    expect(outcome(...chains)).toBe('closed');
  });

  test('and the chain is named', () => {
    expect(passageOf([input(true)], 'input', 4, quic).chain).toMatchObject({ table: 't', name: 'in' });
  });
});

describe('it cannot be told', () => {
  test.each<[string, FirewallChain[]]>([
    ['where some senders pass', [input(true, then('accept', is('ip.saddr', '198.51.100.1')))]],
    ['where senders of a set pass', [input(true, then('accept', is('ip.saddr')))]],
    ['where a rule is about something else', [input(true, then('accept', unknown))]],
    ['where some may be refused', [input(false, then('drop', unknown))]],
    ['where some return before they are refused', [input(false, then('return', unknown), then('drop'))]],
  ])('%s', (_name, chains) => {
    expect(outcome(...chains)).toBe('restricted');
  });
});

test('chains of other hooks, kinds and families are no matter', () => {
  const forward = { ...input(true), base: { hook: 'forward', type: 'filter', drops: true } };
  const nat = { ...input(true), base: { hook: 'input', type: 'nat', drops: true } };
  expect(outcome(forward, nat, { ...input(true), family: 'ip6' })).toBe('open');
});

test('chains that jump in a circle end', () => {
  expect(outcome(input(true, jump('a')), sub('a', jump('b')), sub('b', jump('a')))).toBe('closed');
});
