import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Change } from '../store/changes.js';
import type { ClientRecord } from '../store/clients.js';
import { StoreError } from '../store/storeError.js';
import { temporaryStore, type TemporaryStore } from '../store/testing/temporaryStore.js';
import { ClientDirectory } from './directory.js';
import { ClientFollower } from './follower.js';

let temporary: TemporaryStore;
let clock: ManualClock;
let directory: ClientDirectory;
let follower: ClientFollower;
let reviewed: string[];
let hear: (change: Change) => void;
let lost: boolean;
let alice: ClientRecord;

const at = { now: 5, version: null };

beforeEach(async () => {
  temporary = await temporaryStore();
  const { store } = temporary;
  const created = await store.clients.create({ slug: 'alice', now: 1 });
  if (created === null) throw new Error('not created');
  alice = created;
  clock = new ManualClock();
  directory = await ClientDirectory.load(store);
  reviewed = [];
  lost = false;
  const failing = <Repository extends object>(repository: Repository): Repository =>
    new Proxy(repository, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          if (lost) throw new StoreError('STORE_UNAVAILABLE', 'gone');
          return (await value.apply(target, args)) as unknown;
        };
      },
    });
  follower = new ClientFollower({
    store: {
      clients: failing(store.clients),
      certificates: failing(store.certificates),
      changes: {
        publish: async () => undefined,
        subscribe: (listener) => {
          hear = listener;
          return { [Symbol.dispose]: () => undefined };
        },
      },
    },
    directory,
    access: { review: (uuid) => reviewed.push(uuid) },
    clock,
    logger: pino({ level: 'silent' }),
  });
});
afterEach(async () => {
  follower[Symbol.dispose]();
  await temporary[Symbol.asyncDispose]();
});

const known = (slug: string) => directory.findBySlug(slug);

test('what another server changed is in memory, and its sessions are looked at', async () => {
  await temporary.store.clients.update(alice.uuid, { enabled: false }, at);
  hear({ kind: 'client', id: alice.uuid });
  await follower.settled();
  expect(known('alice')).toMatchObject({ enabled: false, version: 2 });
  expect(reviewed).toEqual([alice.uuid]);
});

test('what another server revoked is refused here', async () => {
  const { certificates } = temporary.store;
  await certificates.insert({
    ...{ sha256: 'aa', clientUuid: alice.uuid, serial: '01' },
    ...{ notBefore: 0, notAfter: 9e12, createdAt: 1 },
  });
  hear({ kind: 'client', id: alice.uuid });
  await follower.settled();
  expect(directory.identify('aa', 1_000)).toMatchObject({ known: true });
  await certificates.revoke('aa', 7);
  hear({ kind: 'client', id: alice.uuid });
  await follower.settled();
  expect(directory.identify('aa', 1_000)).toMatchObject({ known: false, code: 'CERTIFICATE_REVOKED' });
});

test('who was made or deleted elsewhere comes and goes', async () => {
  const bob = await temporary.store.clients.create({ slug: 'bob', now: 2 });
  hear({ kind: 'client', id: bob?.uuid ?? '' });
  await temporary.store.clients.delete(alice.uuid);
  hear({ kind: 'client', id: alice.uuid });
  await follower.settled();
  expect([known('alice'), known('bob')?.slug]).toEqual([null, 'bob']);
});

test('after a gap in the news everything is read again', async () => {
  await temporary.store.clients.create({ slug: 'bob', now: 2 });
  await temporary.store.clients.update(alice.uuid, { note: 'x' }, at);
  hear({ kind: 'resync' });
  await follower.settled();
  expect([known('alice')?.note, known('bob')?.slug]).toEqual(['x', 'bob']);
  await temporary.store.clients.delete(alice.uuid);
  hear({ kind: 'resync' });
  await follower.settled();
  expect(known('alice')).toBeNull();
  expect(reviewed).toContain(alice.uuid);
});

test('what cannot be read is read again until it can', async () => {
  await temporary.store.clients.update(alice.uuid, { enabled: false }, at);
  lost = true;
  hear({ kind: 'client', id: alice.uuid });
  await follower.settled();
  clock.advance(1_000);
  await follower.settled();
  expect(known('alice')?.enabled).toBe(true);
  lost = false;
  clock.advance(1_000);
  await follower.settled();
  expect(known('alice')?.enabled).toBe(false);
});

test('what was read before a change of this server does not undo it', async () => {
  const before = await temporary.store.clients.findByUuid(alice.uuid);
  directory.putClient({ ...alice, enabled: false, version: 2 });
  if (before !== null) directory.putClient(before);
  expect(known('alice')?.enabled).toBe(false);
  directory.removeClient(alice.uuid);
  if (before !== null) directory.putClient(before);
  expect(known('alice')).toBeNull();
});
