import { beforeEach, describe, expect, test } from 'vitest';
import type { ClientRecord } from '../store/clients.js';
import { clientRecord } from '../testing/clientRecord.js';
import { ClientDirectory } from './directory.js';
import { ClientSearch, type ClientQuery, type ClientSort } from './search.js';

const everything: ClientQuery = {
  text: null,
  group: null,
  enabled: null,
  online: null,
  sort: 'id',
  descending: false,
  after: null,
  limit: 100,
};

let directory: ClientDirectory;
let search: ClientSearch;

const put = (slug: string, changed: Partial<ClientRecord> = {}) => {
  const client = clientRecord({ uuid: `uuid-${slug}`, slug, displayName: slug, ...changed });
  directory.putClient(client);
  return client;
};
const found = (query: Partial<ClientQuery> = {}) =>
  search.find({ ...everything, ...query }).map(({ slug }) => slug);

beforeEach(() => {
  directory = new ClientDirectory();
  put('carol', { createdAt: 1, expiresAt: 50, note: 'Phone of the <b>boss</b>' });
  put('alice', { createdAt: 2, displayName: 'Zoë' });
  put('bob', { createdAt: 3, expiresAt: 40, enabled: false });
  search = new ClientSearch({
    directory,
    groupsOf: (uuid) => (uuid === 'uuid-bob' ? ['staff', 'default'] : ['default']),
    isOnline: (uuid) => uuid === 'uuid-alice',
    lastConnected: new Map([['uuid-bob', 9]]),
  });
});

test.each<[ClientSort, readonly string[]]>([
  ['id', ['alice', 'bob', 'carol']],
  ['displayName', ['bob', 'carol', 'alice']],
  ['createdAt', ['carol', 'alice', 'bob']],
  ['expiresAt', ['bob', 'carol', 'alice']],
  ['lastConnectedAt', ['alice', 'carol', 'bob']],
])('in order of %s, both ways', (sort, slugs) => {
  expect(found({ sort })).toEqual(slugs);
  expect(found({ sort, descending: true })).toEqual(slugs.toReversed());
});

test.each<[string, Partial<ClientQuery>, readonly string[]]>([
  ['enabled', { enabled: false }, ['bob']],
  ['online', { online: true }, ['alice']],
  ['offline', { online: false }, ['bob', 'carol']],
  ['in a group', { group: 'staff' }, ['bob']],
  ['in a group that does not exist', { group: 'nobody' }, []],
  ['by a part of the slug', { text: 'LIC' }, ['alice']],
  ['by the display name', { text: 'zOË' }, ['alice']],
  ['by the note, markup and all', { text: '<B>boss' }, ['carol']],
  ['by all of it together', { text: 'o', enabled: true, group: 'default' }, ['alice', 'carol']],
])('those %s', (_, query, slugs) => {
  expect(found(query)).toEqual(slugs);
});

describe('a page', () => {
  test('has one client more than asked for, and the next begins behind its last', () => {
    for (const sort of ['id', 'expiresAt', 'createdAt'] as const) {
      for (const descending of [false, true]) {
        const all = search.find({ ...everything, sort, descending });
        const walked: string[] = [];
        let after: ClientQuery['after'] = null;
        for (;;) {
          const page: readonly ClientRecord[] = search.find({
            ...everything,
            sort,
            descending,
            after,
            limit: 1,
          });
          const [first] = page;
          if (first === undefined) break;
          walked.push(first.slug);
          after = search.placeOf(first, sort);
        }
        expect(walked).toEqual(all.map(({ slug }) => slug));
      }
    }
    expect(search.find({ ...everything, limit: 2 })).toHaveLength(3);
  });

  test('begins where its predecessor ended also when that client is gone', () => {
    const alice = directory.findBySlug('alice');
    if (alice === null) throw new Error('no alice');
    const after = search.placeOf(alice, 'id');
    directory.removeClient(alice.uuid);
    expect(found({ after })).toEqual(['bob', 'carol']);
    expect(found({ after: search.placeOf(clientRecord({ slug: 'bob' }), 'id'), descending: true })).toEqual(
      [],
    );
  });
});

test('a search that finds few of many, and one that finds all, give what a look at each gives', () => {
  for (let index = 0; index < 100; index += 1) {
    put(`client-${String(index).padStart(3, '0')}`, {
      createdAt: (index * 37) % 100,
      note: `n${index % 10}`,
    });
  }
  for (const text of ['client-05', 'n3', 'client', 'nothing', '']) {
    for (const sort of ['id', 'createdAt'] as const) {
      const all = search.find({ ...everything, sort, limit: 1_000 });
      const expected = all.filter(({ slug, displayName, note }) =>
        `${slug}\n${displayName}\n${note ?? ''}`.toLowerCase().includes(text),
      );
      const slugs = expected.map(({ slug }) => slug);
      expect(found({ text, sort, limit: 1_000 })).toEqual(slugs);
      expect(found({ text, sort, limit: 1_000, descending: true })).toEqual(slugs.toReversed());
    }
  }
});

test('orders that were used follow what changes', () => {
  for (const sort of ['id', 'displayName', 'expiresAt', 'lastConnectedAt'] as const) found({ sort });
  put('dave', { displayName: 'Aaron' });
  put('bob', { expiresAt: null, version: 2, displayName: 'Yann' });
  directory.removeClient('uuid-carol');
  search.connected('uuid-alice', 100);
  expect(found()).toEqual(['alice', 'bob', 'dave']);
  expect(found({ sort: 'displayName' })).toEqual(['dave', 'bob', 'alice']);
  expect(found({ sort: 'expiresAt' })).toEqual(['alice', 'bob', 'dave']);
  expect(found({ sort: 'lastConnectedAt' })).toEqual(['dave', 'bob', 'alice']);
  expect(found({ text: 'yann' })).toEqual(['bob']);
  expect(search.lastConnectedAt('uuid-alice')).toBe(100);
});

test('what is heard late of a session neither goes back in time nor needs a client that is known', () => {
  found({ sort: 'lastConnectedAt' });
  search.connected('uuid-bob', 8);
  expect(search.lastConnectedAt('uuid-bob')).toBe(9);
  search.connected('uuid-dave', 5);
  put('dave');
  expect(found({ sort: 'lastConnectedAt' })).toEqual(['alice', 'carol', 'dave', 'bob']);
});
