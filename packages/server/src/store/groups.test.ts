import { expect, test } from 'vitest';
import type { Store } from './store.js';
import { temporaryStore } from './testing/temporaryStore.js';

async function clientUuid(store: Store, slug: string): Promise<string> {
  const client = await store.clients.create({ slug, now: 1_000 });
  if (client === null) throw new Error('not created');
  return client.uuid;
}

test('a group is stored with its limits and found again', async () => {
  await using temporary = await temporaryStore();
  const { groups } = temporary.store;
  const limits = {
    rateUp: 1,
    rateDown: 2,
    sharedRateUp: 3,
    sharedRateDown: 4,
    monthlyQuota: 2 ** 50,
    maxSessions: 6,
    routes: ['10.0.0.0/8'],
    dns: { servers: ['10.0.0.53'], searchDomains: ['example.org'] },
  };
  const created = await groups.create({ slug: 'staff', note: 'all of us', ...limits, now: 5_000 });
  expect(created).toMatchObject({
    slug: 'staff',
    displayName: 'staff',
    version: 1,
    createdAt: 5_000,
    ...limits,
  });
  expect(await groups.findBySlug('staff')).toEqual(created);
  expect(await groups.findByUuid(created?.uuid ?? '')).toEqual(created);
  expect(await groups.create({ slug: 'staff', now: 6_000 })).toBeNull();
  expect(await groups.findBySlug('nobody')).toBeNull();
});

test('a change names the version it is based on, and only what it names changes', async () => {
  await using temporary = await temporaryStore();
  const { groups } = temporary.store;
  const created = await groups.create({ slug: 'staff', rateUp: 5, now: 1 });
  const uuid = created?.uuid ?? '';
  const changed = await groups.update(uuid, { maxSessions: 2 }, { version: 1, now: 9 });
  expect(changed).toMatchObject({ version: 2, rateUp: 5, maxSessions: 2, updatedAt: 9 });
  expect(await groups.update(uuid, { maxSessions: 3 }, { version: 1, now: 10 })).toBeNull();
  expect(await groups.update(uuid, { rateUp: null }, { version: 2, now: 11 })).toMatchObject({
    rateUp: null,
  });
});

test('memberships are made once, ended once, and vanish with the client or the group', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const { groups } = store;
  const [alice, bob] = [await clientUuid(store, 'alice'), await clientUuid(store, 'bob')];
  const staff = (await groups.create({ slug: 'staff', now: 1 }))?.uuid ?? '';
  const guests = (await groups.create({ slug: 'guests', now: 1 }))?.uuid ?? '';
  expect(await groups.addMember(alice, staff, 1)).toBe(true);
  expect(await groups.addMember(alice, staff, 2)).toBe(false);
  await groups.addMember(alice, guests, 2);
  await groups.addMember(bob, staff, 3);
  expect(new Set(await groups.groupsOf(alice))).toEqual(new Set([staff, guests]));
  expect(await groups.removeMember(alice, guests)).toBe(true);
  expect(await groups.removeMember(alice, guests)).toBe(false);
  expect(await groups.memberships()).toHaveLength(2);
  await store.clients.delete(alice);
  expect(await groups.memberships()).toEqual([{ clientUuid: bob, groupUuid: staff }]);
  expect(await groups.delete(staff)).toBe(true);
  expect(await groups.delete(staff)).toBe(false);
  expect(await groups.memberships()).toEqual([]);
});

test('everybody can be put into a group at once', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const uuids = [await clientUuid(store, 'alice'), await clientUuid(store, 'bob')];
  const group = await store.groups.create({ slug: 'default', now: 1 });
  await store.groups.addEveryClient(group?.uuid ?? '', 7);
  const members = (await store.groups.memberships()).map((membership) => membership.clientUuid);
  expect(new Set(members)).toEqual(new Set(uuids));
});

test('memberships are read in pages of clients, all of each', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const groups = [];
  for (const slug of ['one', 'two']) groups.push((await store.groups.create({ slug, now: 1 }))?.uuid ?? '');
  for (const slug of ['alice', 'bob', 'carol']) await clientUuid(store, slug);
  for (const group of groups) await store.groups.addEveryClient(group, 1);
  const everybody = await store.groups.memberships();
  const first = await store.groups.memberships({ after: null, clients: 2 });
  const second = await store.groups.memberships({ after: first.at(-1)?.clientUuid ?? null, clients: 2 });
  const third = await store.groups.memberships({ after: second.at(-1)?.clientUuid ?? null, clients: 2 });
  expect([first.length, second.length, third.length]).toEqual([4, 2, 0]);
  const texts = (list: typeof first): string[] => list.map((each) => Object.values(each).join(' ')).sort();
  expect(texts([...first, ...second])).toEqual(texts(everybody));
});
