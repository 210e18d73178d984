import { expect, test } from 'vitest';
import type { Flow } from '../../domain/rules/flowRule.js';
import { matches, mostFlows, sampleOf, withSamples } from './flowList.js';

const flow: Flow = {
  ...{ clientId: 'alice', direction: 'fromClient', verdict: 'refused', ruleId: null, ruleNumber: null },
  ...{ clientAddress: '10.89.0.2', remoteAddress: '10.0.0.5', remoteClientId: null },
  ...{ protocol: 'tcp', port: 443, count: 3, firstAtMs: 1_000, lastAtMs: 2_000 },
};
const event = {
  ...{ topic: 'flows' as const, type: 'flow.refused', atMs: 5_000, clientId: 'alice', sessionId: 's' },
  data: {
    ...{ direction: 'fromClient', ruleNumber: 7, clientAddress: '10.89.0.2', remoteAddress: '10.0.0.5' },
    ...{ remoteClientId: null, protocol: 6, port: 443 },
  },
};

test('a sample of a known flow is counted into its line, and the line comes first', () => {
  const other = { ...flow, port: 80, lastAtMs: 3_000 };
  const list = withSamples([other, flow], [{ ...flow, count: 1, firstAtMs: 5_000, lastAtMs: 5_000 }]);
  expect(list).toEqual([{ ...flow, count: 4, lastAtMs: 5_000 }, other]);
});

test('the list is bounded, and the oldest goes', () => {
  const many = Array.from({ length: mostFlows + 10 }, (_, port) => ({ ...flow, port, lastAtMs: port }));
  const list = withSamples([], many);
  expect([list.length, list[0]?.port, list.at(-1)?.port]).toEqual([mostFlows, mostFlows + 9, 10]);
});

test('an event is a sample, with its rule by id and its protocol by name', () => {
  expect(sampleOf(event, new Map([[7, 'rule-7']]))).toEqual({
    ...flow,
    ...{ ruleId: 'rule-7', ruleNumber: 7, count: 1, firstAtMs: 5_000, lastAtMs: 5_000 },
  });
});

test('a rule that is gone has a number only', () => {
  expect(sampleOf(event, new Map())).toMatchObject({ ruleId: null, ruleNumber: 7 });
});

test.each([
  ['another type', { ...event, type: 'flow.other' }],
  ['nobody', { ...event, clientId: null }],
  ['other data', { ...event, data: { direction: 'sideways' } }],
])('an event about %s is no sample', (_, odd) => {
  expect(sampleOf(odd, new Map())).toBeNull();
});

test.each([
  [{ verdict: 'allowed', client: '', rule: '' }, false],
  [{ verdict: 'refused', client: 'alice', rule: 'none' }, true],
  [{ verdict: '', client: 'bob', rule: '' }, false],
  [{ verdict: '', client: '', rule: 'rule-7' }, false],
  [{ verdict: '', client: '', rule: '' }, true],
])('%j matches: %s', (filter, does) => {
  expect(matches(flow, filter)).toBe(does);
});

test('a flow between two clients is one of both', () => {
  expect(matches({ ...flow, remoteClientId: 'nas' }, { verdict: '', client: 'nas', rule: '' })).toBe(true);
});
