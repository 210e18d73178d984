import { describe, expect, it } from 'vitest';
import { formatPrefix } from './prefix.js';
import { addressRange } from './range.js';
import {
  formatRoute,
  intersectRoutes,
  normalizeRoutes,
  type Route,
  routesToPrefixes,
  subtractRoutes,
} from './route.js';
import { ip, route, span } from './testing/parse.js';

const show = (routes: readonly Route[]): string[] =>
  routes.map(formatRoute).map(({ start, end, protocol }) => `${start}-${end} ${protocol}`);

describe('addressRange', () => {
  it('refuses an end below the start and mixed families (CIP-801)', () => {
    for (const [start, end] of [
      ['10.0.0.2', '10.0.0.1'],
      ['10.0.0.1', '::'],
    ] as const) {
      expect(addressRange(ip(start), ip(end))).toMatchObject({ ok: false, error: { code: 'RANGE_INVALID' } });
    }
    expect(addressRange(ip('10.0.0.1'), ip('10.0.0.1')).ok).toBe(true);
  });
});

describe('normalizeRoutes (CIP-802, CIP-803, CIP-805)', () => {
  it('sorts by family, protocol and address, and merges', () => {
    const routes = [
      route('2001:db8::/32'),
      route('10.1.0.0/16', 17),
      route('10.0.1.0/24', 6),
      route('10.0.0.0/24', 6),
      route('192.0.2.0/24'),
    ];
    expect(show(normalizeRoutes(routes))).toEqual([
      '192.0.2.0-192.0.2.255 0',
      '10.0.0.0-10.0.1.255 6',
      '10.1.0.0-10.1.255.255 17',
      '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 0',
    ]);
  });

  it('drops of a single protocol what all protocols already cover', () => {
    expect(show(normalizeRoutes([route('10.0.0.0/24', 6), route('10.0.0.64/26')]))).toEqual([
      '10.0.0.64-10.0.0.127 0',
      '10.0.0.0-10.0.0.63 6',
      '10.0.0.128-10.0.0.255 6',
    ]);
  });
});

describe('route sets', () => {
  it('lose excluded addresses, protocols kept (CIP-808)', () => {
    const routes = subtractRoutes([route('0.0.0.0/0'), route('::/0', 6)], [span('10.0.0.0/8'), span('::/1')]);
    expect(show(routes)).toEqual([
      '0.0.0.0-9.255.255.255 0',
      '11.0.0.0-255.255.255.255 0',
      '8000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 6',
    ]);
  });

  it('keep allowed addresses only', () => {
    expect(show(intersectRoutes([route('0.0.0.0/0', 17)], [span('10.0.0.0/8'), span('::/0')]))).toEqual([
      '10.0.0.0-10.255.255.255 17',
    ]);
  });

  it('become prefixes, protocols joined, and nothing if there are too many (CIP-806)', () => {
    const routes = [route('10.0.0.0/25', 6), route('10.0.0.128/25', 17), route('::/0')];
    expect(routesToPrefixes(routes)?.map(formatPrefix)).toEqual(['10.0.0.0/24', '::/0']);
    expect(routesToPrefixes([route('0.0.0.1-255.255.255.254')], 62)).toHaveLength(62);
    expect(routesToPrefixes([route('0.0.0.1-255.255.255.254')], 61)).toBeNull();
  });
});
