import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leasesOf, type LeaseRecord } from './leases.js';
import type { Store } from './store.js';
import { describeStores, temporaryStore, type TemporaryStore } from './testing/temporaryStore.js';

describe('leases', () => {
  let temporary: TemporaryStore;
  let alice = '';
  beforeEach(async () => {
    temporary = await temporaryStore();
    alice = (await temporary.store.clients.create({ slug: 'alice', now: 1 }))?.uuid ?? '';
  });
  afterEach(async () => {
    await temporary[Symbol.asyncDispose]();
  });

  function record(address: string, change: Partial<LeaseRecord> = {}): LeaseRecord {
    return {
      family: address.includes(':') ? 6 : 4,
      address,
      clientUuid: alice,
      instance: 'laptop',
      lastUsedAt: 100,
      releasedAt: null,
      quarantinedUntil: null,
      ...change,
    };
  }

  it('come back as they were put, least recently used first', async () => {
    const { leases } = temporary.store;
    const newer = record('10.0.0.2', { lastUsedAt: 300 });
    const older = record('fd00::2', { lastUsedAt: 200, releasedAt: 250, quarantinedUntil: 310 });
    await leases.apply({ put: [newer, older], remove: [] });
    expect(await leases.load()).toEqual([older, newer]);
    expect(await leases.listByClient(alice)).toEqual([newer, older]);
  });

  it('have one holder per address: the last', async () => {
    const { leases, clients } = temporary.store;
    const bob = (await clients.create({ slug: 'bob', now: 1 }))?.uuid ?? '';
    await leases.apply({ put: [record('10.0.0.2')], remove: [] });
    const bobs = record('10.0.0.2', { clientUuid: bob, instance: '', lastUsedAt: 500 });
    await leases.apply({ put: [bobs], remove: [] });
    expect(await leases.load()).toEqual([bobs]);
  });

  it('are removed by address', async () => {
    const { leases } = temporary.store;
    await leases.apply({ put: [record('10.0.0.2'), record('10.0.0.3')], remove: [] });
    await leases.apply({ put: [], remove: [{ family: 4, address: '10.0.0.2' }] });
    expect((await leases.load()).map(({ address }) => address)).toEqual(['10.0.0.3']);
  });

  it('of a deleted client are written without harm and forgotten at the next load', async () => {
    const { leases, clients } = temporary.store;
    await clients.delete(alice);
    await leases.apply({ put: [record('10.0.0.2')], remove: [] });
    expect(await leases.load()).toEqual([]);
    expect(await leases.listByClient(alice)).toEqual([]);
  });

  it('are written a thousand at a time', async () => {
    const { leases } = temporary.store;
    const many = Array.from({ length: 1_000 }, (_, i) =>
      record(`10.0.${i >> 8}.${i & 255}`, { lastUsedAt: i + 0.5 }),
    );
    await leases.apply({ put: many, remove: [] });
    const loaded = await leases.load();
    expect(loaded).toHaveLength(1_000);
    expect(loaded[999]).toMatchObject({ address: '10.0.3.231', lastUsedAt: 999 });
  });
});

describeStores('leases of several servers', (open) => {
  it('are refused where another server has the address in use, and told', async () => {
    await using temporary = await open();
    const { leases, a, b, record } = await twoServers(temporary.store);
    expect(await a.apply({ put: [record('10.0.0.2')], remove: [] })).toEqual([]);
    expect(await b.apply({ put: [record('10.0.0.2'), record('10.0.0.3')], remove: [] })).toEqual([
      { family: 4, address: '10.0.0.2' },
    ]);
    expect(await b.elsewhere()).toEqual([{ family: 4, address: '10.0.0.2' }]);
    expect((await b.load()).map(({ address }) => address)).toEqual(['10.0.0.3']);
    expect(await a.elsewhere()).toEqual([{ family: 4, address: '10.0.0.3' }]);
    expect(await leases.load()).toHaveLength(2);
  });

  it('rest for others after their release, but not for the client that had them', async () => {
    await using temporary = await open();
    const { a, b, record, bob } = await twoServers(temporary.store);
    const resting = { lastUsedAt: 200, releasedAt: 200, quarantinedUntil: 260 };
    await a.apply({ put: [record('10.0.0.2', resting), record('10.0.0.3', resting)], remove: [] });
    const bobs = { clientUuid: bob, lastUsedAt: 259 };
    expect(await b.apply({ put: [record('10.0.0.2', bobs)], remove: [] })).toHaveLength(1);
    expect(await b.apply({ put: [record('10.0.0.3', { lastUsedAt: 201 })], remove: [] })).toEqual([]);
    expect(await b.apply({ put: [record('10.0.0.2', { ...bobs, lastUsedAt: 260 })], remove: [] })).toEqual(
      [],
    );
    // Now they are b's: a can neither take nor forget them.
    expect(
      await a.apply({ put: [record('10.0.0.2')], remove: [{ family: 4, address: '10.0.0.3' }] }),
    ).toHaveLength(1);
    expect(await b.load()).toHaveLength(2);
  });

  it('of a time when there was one server only are everybody’s', async () => {
    await using temporary = await open();
    const { leases, a, record } = await twoServers(temporary.store);
    await leases.apply({ put: [record('10.0.0.2')], remove: [] });
    expect(await a.load()).toHaveLength(1);
    expect(await a.apply({ put: [record('10.0.0.2', { lastUsedAt: 300 })], remove: [] })).toEqual([]);
  });
});

async function twoServers({ leases, clients }: Store) {
  const alice = (await clients.create({ slug: 'alice', now: 1 }))?.uuid ?? '';
  const bob = (await clients.create({ slug: 'bob', now: 1 }))?.uuid ?? '';
  const record = (address: string, change: Partial<LeaseRecord> = {}): LeaseRecord => ({
    family: 4,
    address,
    clientUuid: alice,
    instance: '',
    lastUsedAt: 100,
    releasedAt: null,
    quarantinedUntil: null,
    ...change,
  });
  return { leases, a: leasesOf(leases, 'server-a'), b: leasesOf(leases, 'server-b'), record, bob };
}
