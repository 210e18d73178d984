import { expect, test } from 'vitest';
import type { Model } from '../../api/client.js';
import { withRow } from './rows.js';

const client = (id: string, displayName = id): Model<'Client'> => ({
  id,
  displayName,
  note: null,
  owner: null,
  enabled: true,
  expiresAtMs: null,
  createdAtMs: 0,
  updatedAtMs: 0,
  version: 1,
  groups: [],
  limits: {
    rateUpBytesPerSecond: null,
    rateDownBytesPerSecond: null,
    monthlyQuotaBytes: null,
    maxSessions: null,
    routes: null,
    dns: null,
    fixedIpv4: null,
    fixedIpv6: null,
  },
  addresses: [],
  openSessions: 0,
  lastConnectedAtMs: null,
  certificates: [],
});
const pages = {
  pageParams: [null, 'next'],
  pages: [
    { items: [client('a'), client('b')], nextCursor: 'next' },
    { items: [client('c')], nextCursor: null },
  ],
};

test('a row is replaced where it stands, and other pages are left alone', () => {
  const next = withRow(pages, 'b', client('b', 'Bob'));
  expect(next.pages[0]?.items.map(({ displayName }) => displayName)).toEqual(['a', 'Bob']);
  expect(next.pages[1]).toBe(pages.pages[1]);
});

test('a client that is gone leaves the list', () => {
  expect(withRow(pages, 'c', null).pages[1]?.items).toEqual([]);
});
