import { expect, test } from 'vitest';
import { firewallChains } from './ruleset.js';

const place = { family: 'inet', table: 't', chain: 'in' };
const chain = { ...place, name: 'in', type: 'filter', hook: 'input', prio: 0, policy: 'drop' };

/** The rules of a chain that has this one. */
function parsed(...expr: readonly object[]): unknown {
  const [found] = firewallChains({ nftables: [{ metainfo: {} }, { chain }, { rule: { ...place, expr } }] });
  return found?.rules;
}
const match = (left: object, right: unknown, op = '=='): object => ({ match: { op, left, right } });
const dport = { payload: { protocol: 'udp', field: 'dport' } };
const state = { ct: { key: 'state' } };

test('a base chain has its hook and policy, another none', () => {
  const other = { family: 'ip', table: 'filter', name: 'DOCKER-USER' };
  expect(firewallChains({ nftables: [{ chain }, { chain: other }] })).toEqual([
    {
      family: 'inet',
      table: 't',
      name: 'in',
      base: { hook: 'input', type: 'filter', drops: true },
      rules: [],
    },
    { ...other, base: null, rules: [] },
  ]);
});

test('ports come one by one, in sets and in ranges', () => {
  expect(parsed(match(dport, { set: [443, { range: [8000, 9000] }] }), { accept: null })).toEqual([
    {
      matches: [{ key: 'udp.dport', negated: false, values: [443, [8000, 9000]] }],
      verdict: { kind: 'accept' },
    },
  ]);
});

test('counters and log lines change nothing, a limit may', () => {
  expect(parsed({ counter: { packets: 1 } }, { log: { prefix: 'x' } }, { drop: null })).toEqual([
    { matches: [], verdict: { kind: 'drop' } },
  ]);
  expect(parsed({ limit: { rate: 1 } }, { accept: null })).toEqual([
    { matches: [{ key: null, negated: false, values: [] }], verdict: { kind: 'accept' } },
  ]);
});

test('a named set is not known', () => {
  const source = { payload: { protocol: 'ip', field: 'saddr' } };
  expect(parsed(match(source, '@trusted'), { accept: null })).toMatchObject([
    { matches: [{ key: 'ip.saddr', values: [] }] },
  ]);
});

test('each entry of a verdict map is a rule', () => {
  const set = [
    ['invalid', { drop: null }],
    ['new', { jump: { target: 'other' } }],
  ];
  expect(parsed({ vmap: { key: state, data: { set } } })).toEqual([
    { matches: [{ key: 'ct.state', negated: false, values: ['invalid'] }], verdict: { kind: 'drop' } },
    {
      matches: [{ key: 'ct.state', negated: false, values: ['new'] }],
      verdict: { kind: 'jump', chain: 'other' },
    },
  ]);
});

test('a rule that only counts decides nothing', () => {
  expect(parsed(match(state, ['new', 'related'], 'in'), { counter: null })).toEqual([
    { matches: [{ key: 'ct.state', negated: false, values: ['new', 'related'] }], verdict: null },
  ]);
});
