import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryStore, type TemporaryStore } from './testing/temporaryStore.js';

describe('clients', () => {
  let temporary: TemporaryStore;
  beforeEach(async () => {
    temporary = await temporaryStore();
  });
  afterEach(async () => {
    await temporary[Symbol.asyncDispose]();
  });

  it('are created enabled, named after their slug, and found by slug and uuid', async () => {
    const { clients } = temporary.store;
    const alice = await clients.create({ slug: 'alice', now: 1_234.7 });
    expect(alice).toMatchObject({
      slug: 'alice',
      displayName: 'alice',
      enabled: true,
      createdAt: 1_234,
      expiresAt: null,
    });
    expect(await clients.findBySlug('alice')).toEqual(alice);
    expect(await clients.findByUuid(alice?.uuid ?? '')).toEqual(alice);
    expect(await clients.findBySlug('Alice')).toBeNull();
  });

  it('have unique slugs', async () => {
    const { clients } = temporary.store;
    const first = await clients.create({ slug: 'alice', now: 1 });
    expect(await clients.create({ slug: 'alice', now: 2 })).toBeNull();
    expect(await clients.findBySlug('alice')).toEqual(first);
  });

  it('are listed by slug, a page at a time', async () => {
    const { clients } = temporary.store;
    for (const slug of ['carol', 'alice', 'bob']) await clients.create({ slug, now: 1 });
    const firstPage = await clients.list({ limit: 2 });
    expect(firstPage.map(({ slug }) => slug)).toEqual(['alice', 'bob']);
    expect((await clients.list({ after: 'bob', limit: 2 })).map(({ slug }) => slug)).toEqual(['carol']);
  });

  it('are counted', async () => {
    const { clients } = temporary.store;
    expect(await clients.count()).toEqual({ total: 0, enabled: 0 });
    await clients.create({ slug: 'alice', now: 1 });
    await clients.create({ slug: 'bob', enabled: false, now: 1 });
    expect(await clients.count()).toEqual({ total: 2, enabled: 1 });
  });

  it('change only as told', async () => {
    const { clients } = temporary.store;
    const alice = await clients.create({ slug: 'alice', displayName: 'Alice', now: 1 });
    const uuid = alice?.uuid ?? '';
    expect(await clients.update(uuid, { enabled: false })).toEqual({ ...alice, enabled: false });
    expect(await clients.update(uuid, { expiresAt: 99 })).toMatchObject({ enabled: false, expiresAt: 99 });
    expect(await clients.update(uuid, { expiresAt: null })).toMatchObject({ expiresAt: null });
    expect(await clients.update(uuid, {})).toMatchObject({ displayName: 'Alice' });
    expect(await clients.update('nobody', { enabled: true })).toBeNull();
  });

  it('take their certificates along when deleted, and leave their history', async () => {
    const { clients, certificates, sessionHistory } = temporary.store;
    const alice = await clients.create({ slug: 'alice', now: 1 });
    const clientUuid = alice?.uuid ?? '';
    await certificates.insert({
      sha256: 'aa',
      clientUuid,
      serial: '01',
      notBefore: 0,
      notAfter: 9,
      createdAt: 1,
    });
    await sessionHistory.open({
      uuid: 'session',
      clientUuid,
      clientSlug: 'alice',
      instance: '',
      remoteAddress: '192.0.2.1:9',
      addresses: [],
      startedAt: 1,
    });
    expect(await clients.delete(clientUuid)).toBe(true);
    expect(await clients.delete(clientUuid)).toBe(false);
    expect(await certificates.list()).toEqual([]);
    expect(await sessionHistory.find('session')).toMatchObject({ clientSlug: 'alice' });
  });
});
