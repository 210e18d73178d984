import { describe, expect, test } from 'vitest';
import { sampleOf } from '../testing/exposition.js';
import { Registry } from './registry.js';
import type { Rendering } from './rendering.js';
import { Scrapers } from './scrapers.js';

const minute = 60_000;
const old = 10 * minute;

/** A server's registry, and scrapes of it that come through. */
function setUp() {
  const registry = new Registry();
  const scrapers = new Scrapers(0);
  const see = (rendering: Rendering, clientId: string): number | null =>
    sampleOf(String(Buffer.concat([...rendering.chunks()])), 'masque_vpn_bytes_sent_total', {
      client_id: clientId,
    });
  const begin = (name: string, atMs: number): Rendering => {
    const rendering = registry.capture();
    return rendering.withRowsAtZero(scrapers.newTo(name, rendering, atMs));
  };
  return {
    registry,
    begin,
    see,
    deliver: (name: string, rendering: Rendering, atMs: number) => {
      scrapers.delivered(name, rendering, atMs);
    },
    /** What a scraper sees of a client in a scrape that it gets. */
    scrape: (name: string, clientId: string, atMs: number) => {
      const rendering = begin(name, atMs);
      scrapers.delivered(name, rendering, atMs);
      return see(rendering, clientId);
    },
    count: (clientId: string, bytes: number) => {
      registry.family('bytesSent').add(bytes, 0, registry.clientRow(clientId));
    },
  };
}

test('a client that came and went between two scrapes is seen at 0, then with what it did', () => {
  const { scrape, count } = setUp();
  expect(scrape('prometheus', 'alice', old)).toBe(null);
  count('alice', 700);
  expect([1, 2, 3].map((turn) => scrape('prometheus', 'alice', old + turn * minute))).toEqual([0, 700, 700]);
});

test('each scraper sees it at 0 once, whenever it comes', () => {
  const { scrape, count } = setUp();
  scrape('one', 'alice', old);
  scrape('other', 'alice', old + 1);
  count('alice', 700);
  expect(scrape('one', 'alice', old + 2)).toBe(0);
  expect(scrape('one', 'alice', old + 3)).toBe(700);
  expect(scrape('other', 'alice', old + 4)).toBe(0);
  expect(scrape('other', 'alice', old + 5)).toBe(700);
});

test('a scrape that did not come through is none', () => {
  const { begin, see, deliver, count } = setUp();
  deliver('prometheus', begin('prometheus', old), old);
  count('alice', 700);
  expect(see(begin('prometheus', old + 1), 'alice')).toBe(0);
  const again = begin('prometheus', old + 2);
  expect(see(again, 'alice')).toBe(0);
  deliver('prometheus', again, old + 2);
  expect(see(begin('prometheus', old + 3), 'alice')).toBe(700);
});

describe('a scraper that comes for the first time', () => {
  test('sees what is there as it is, so that it is no increase', () => {
    const { scrape, count } = setUp();
    count('alice', 700);
    expect(scrape('prometheus', 'alice', old)).toBe(700);
  });

  test('sees all of a server that has just started at 0: it was not there at the scrape before', () => {
    const { scrape, count } = setUp();
    count('alice', 700);
    expect(scrape('prometheus', 'alice', minute)).toBe(0);
    expect(scrape('prometheus', 'alice', 2 * minute)).toBe(700);
  });

  test('is one that has not come for a day', () => {
    const { scrape, count } = setUp();
    scrape('prometheus', 'alice', old);
    count('alice', 700);
    expect(scrape('prometheus', 'alice', old + 24 * 60 * minute)).toBe(700);
  });

  test('and is one of very many is not remembered: it sees everything as it is', () => {
    const { scrape, count } = setUp();
    for (let number = 0; number < 32; number += 1) scrape(`scraper ${number}`, 'alice', minute);
    count('alice', 700);
    expect(scrape('one more', 'alice', minute)).toBe(700);
    expect(scrape('one more', 'alice', minute + 1)).toBe(700);
    expect(scrape('scraper 31', 'alice', minute + 2)).toBe(0);
  });
});

test('the rows of those without series of their own begin at 0 as well', () => {
  const { registry, begin, deliver } = setUp();
  const text = (atMs: number): string => {
    const rendering = begin('prometheus', atMs);
    deliver('prometheus', rendering, atMs);
    return String(Buffer.concat([...rendering.chunks()]));
  };
  text(old);
  registry.showShared();
  const streams = registry.family('streams');
  streams.add(3, streams.cell('bidirectional'), 0);
  streams.add(4, streams.cell('bidirectional'), 1);
  const labels = (client_id: string) => ({ client_id, stream_type: 'bidirectional' });
  const [first, second] = [text(old + 1), text(old + 2)];
  for (const [clientId, count] of [
    ['_none', 3],
    ['_other', 4],
  ] as const) {
    expect(sampleOf(first, 'masque_vpn_quic_streams_total', labels(clientId))).toBe(0);
    expect(sampleOf(second, 'masque_vpn_quic_streams_total', labels(clientId))).toBe(count);
  }
});
