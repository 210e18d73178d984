import { expect, test } from 'vitest';
import { FlowLog, type SampledFlow } from './flowLog.js';

function sample(parts: Partial<SampledFlow> = {}): SampledFlow {
  return {
    clientUuid: 'alice',
    opened: 'byPeer',
    verdict: 'refused',
    ruleNumber: 1,
    clientAddress: '10.89.0.2',
    remoteAddress: '192.0.2.1',
    remoteClientUuid: null,
    protocol: 6,
    port: 443,
    atMs: 1_000,
    ...parts,
  };
}

test('flows that differ in nothing but their source port are counted together', () => {
  const log = new FlowLog();
  log.record(sample());
  log.record(sample({ atMs: 2_000 }));
  log.record(sample({ port: 80, atMs: 1_500 }));
  expect(log.list({})).toMatchObject([
    { port: 443, count: 2, firstAtMs: 1_000, lastAtMs: 2_000 },
    { port: 80, count: 1 },
  ]);
});

test('one client can push out only its own flows, and refused ones never the allowed', () => {
  const log = new FlowLog({ clients: 3, flows: 4 });
  log.record(sample({ clientUuid: 'bob', port: 1 }));
  log.record(sample({ verdict: 'allowed', port: 1 }));
  for (let port = 1; port <= 1_000; port += 1) log.record(sample({ port, atMs: port }));
  expect(log.list({ clientUuid: 'alice', verdict: 'refused' }).map(({ port }) => port)).toEqual([
    1_000, 999, 998, 997,
  ]);
  expect(log.list({ clientUuid: 'alice', verdict: 'allowed' })).toHaveLength(1);
  expect(log.list({ clientUuid: 'bob' })).toHaveLength(1);
});

test('however many clients there are, it does not grow: the one that was silent longest goes', () => {
  const log = new FlowLog({ clients: 3, flows: 4 });
  for (const clientUuid of ['a', 'b', 'c', 'a', 'd']) log.record(sample({ clientUuid }));
  expect(new Set(log.list({}).map((flow) => flow.clientUuid))).toEqual(new Set(['a', 'c', 'd']));
  log.forget('a');
  expect(log.list({ clientUuid: 'a' })).toEqual([]);
});
