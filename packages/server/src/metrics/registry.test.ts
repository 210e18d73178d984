import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExposition, sampleOf } from '../testing/exposition.js';
import { anonymousRow, Registry } from './registry.js';

describe('client series', () => {
  test('begin at 0 when the client gets its row, and are gone when it is removed', () => {
    const registry = new Registry();
    registry.clientRow('alice');
    expect(sampleOf(registry.render(), 'masque_vpn_bytes_sent_total', { client_id: 'alice' })).toBe(0);
    expect(
      sampleOf(registry.render(), 'masque_vpn_quic_streams_total', {
        client_id: 'alice',
        stream_type: 'unidirectional',
      }),
    ).toBe(0);
    registry.removeClient('alice');
    expect(registry.render()).not.toContain('alice');
  });

  test('of a client that takes the row of a removed one begin at 0', () => {
    const registry = new Registry();
    registry.family('bytesSent').add(7, 0, registry.clientRow('alice'));
    registry.family('connectionDuration').observe(3, 0, registry.clientRow('alice'));
    registry.removeClient('alice');
    registry.clientRow('bob');
    expect(sampleOf(registry.render(), 'masque_vpn_bytes_sent_total', { client_id: 'bob' })).toBe(0);
    expect(
      sampleOf(registry.render(), 'masque_vpn_connection_duration_seconds_sum', { client_id: 'bob' }),
    ).toBe(0);
  });

  test('of nobody exist only where something was counted', () => {
    const registry = new Registry();
    expect(registry.render()).not.toContain('_none');
    registry.family('streams').add(2, registry.family('streams').cell('bidirectional'), anonymousRow);
    const exposed = parseExposition(registry.render());
    const withNone = [...exposed.values()].filter(({ samples }) =>
      samples.some(({ labels }) => labels['client_id'] === '_none'),
    );
    expect(withNone.map(({ name }) => name)).toEqual(['masque_vpn_quic_streams_total']);
  });
});

test('a histogram is cumulative and its +Inf bucket equals its count', () => {
  const registry = new Registry();
  const family = registry.family('requestDuration');
  for (const seconds of [0.0005, 0.001, 0.3, 7]) family.observe(seconds);
  const samples = parseExposition(registry.render()).get(
    'masque_vpn_masque_request_duration_seconds',
  )?.samples;
  expect(samples?.map(({ labels, value }) => [labels['le'], value])).toEqual([
    ['0.001', 2],
    ['0.005', 2],
    ['0.01', 2],
    ['0.05', 2],
    ['0.1', 2],
    ['0.5', 3],
    ['1', 3],
    ['+Inf', 4],
    [undefined, 7.3015],
    [undefined, 4],
  ]);
});

test('any label value survives the text format: quotes, backslashes, line feeds', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('"', '\\', '\n', 'n', '{', '}', ',', '=', 'ü', ' ') }),
      (name) => {
        const registry = new Registry();
        registry.clientRow(name);
        expect(sampleOf(registry.render(), 'masque_vpn_packets_sent_total', { client_id: name })).toBe(0);
      },
    ),
  );
});

test('an undeclared label value is a bug, not a new series', () => {
  expect(() => new Registry().family('errors').cell('weather')).toThrow(RangeError);
});

test('values beyond 32 bits and fractions are written exactly', () => {
  const registry = new Registry();
  registry.family('bytesSent').add(2 ** 53 - 1, 0, registry.clientRow('a'));
  registry.family('serverUptime').set(0.25);
  expect(registry.render()).toContain('masque_vpn_bytes_sent_total{client_id="a"} 9007199254740991\n');
  expect(registry.render()).toContain('masque_vpn_server_uptime_seconds 0.25\n');
});

test('text that is taken from an earlier rendering is what it would be anew', () => {
  const clients = fc.constantFrom('alice', 'bob', 'carol');
  const change = fc.oneof(
    fc.record({ kind: fc.constant('count' as const), client: clients, amount: fc.nat(3) }),
    fc.record({ kind: fc.constant('end' as const), client: clients, amount: fc.nat(100) }),
    fc.record({ kind: fc.constant('remove' as const), client: clients, amount: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 6 }), (rounds) => {
      const apply = (registry: Registry, changes: typeof rounds): Registry => {
        for (const { kind, client, amount } of changes.flat()) {
          if (kind === 'remove') registry.removeClient(client);
          else if (kind === 'count') registry.family('bytesSent').add(amount, 0, registry.clientRow(client));
          else registry.family('connectionDuration').observe(amount, 0, registry.clientRow(client));
        }
        return registry;
      };
      const rendered = new Registry();
      for (const [index, changes] of rounds.entries()) {
        apply(rendered, [changes]);
        expect(rendered.render()).toBe(apply(new Registry(), rounds.slice(0, index + 1)).render());
      }
    }),
  );
});

test('blocks of many clients of which nothing changed are the same memory again', () => {
  const registry = new Registry();
  for (let index = 0; index < 500; index += 1) registry.clientRow(`client-${index}`);
  const before = new Set(registry.capture().chunks());
  registry.family('bytesSent').add(1, 0, registry.clientRow('client-3'));
  const after = [...registry.capture().chunks()];
  const kept = after.filter((chunk) => before.has(chunk));
  expect(kept.length).toBeGreaterThan(after.length / 2);
  expect(kept.length).toBeLessThan(after.length);
});
