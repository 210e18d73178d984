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
    const at = { now: 5.5, version: null };
    expect(await clients.update(uuid, { enabled: false }, at)).toEqual({
      ...alice,
      enabled: false,
      updatedAt: 5,
      version: 2,
    });
    const expiring = await clients.update(uuid, { expiresAt: 99 }, at);
    expect(expiring).toMatchObject({ enabled: false, expiresAt: 99 });
    expect(await clients.update(uuid, { expiresAt: null }, at)).toMatchObject({ expiresAt: null });
    expect(await clients.update(uuid, {}, at)).toMatchObject({ displayName: 'Alice', version: 5 });
    expect(await clients.update('nobody', { enabled: true }, at)).toBeNull();
  });

  it('keep limits, addresses, routes and DNS as they were set', async () => {
    const { clients } = temporary.store;
    const alice = await clients.create({ slug: 'alice', now: 1, maxSessions: 2, note: 'the first' });
    expect(alice).toMatchObject({ maxSessions: 2, note: 'the first', rateUp: null, routes: null, dns: null });
    const limits = {
      rateUp: 2 ** 40,
      rateDown: 1,
      monthlyQuota: 2 ** 52,
      maxSessions: 3,
      fixedIpv4: '10.89.0.9',
      fixedIpv6: 'fd4d::9',
      routes: ['10.0.0.0/8'],
      dns: { servers: ['10.0.0.53'], searchDomains: ['example.org'] },
    };
    const uuid = alice?.uuid ?? '';
    expect(await clients.update(uuid, limits, { now: 2, version: 1 })).toMatchObject(limits);
    expect(await clients.findByFixedAddress(6, 'fd4d::9')).toMatchObject({ slug: 'alice', ...limits });
    expect(await clients.findByFixedAddress(4, '10.89.0.8')).toBeNull();
  });

  it('do not share a fixed address', async () => {
    const { clients } = temporary.store;
    await clients.create({ slug: 'alice', now: 1, fixedIpv4: '10.89.0.9' });
    expect(await clients.create({ slug: 'bob', now: 1, fixedIpv4: '10.89.0.9' })).toBeNull();
  });

  it('are not changed by whoever saw another version', async () => {
    const { clients } = temporary.store;
    const alice = await clients.create({ slug: 'alice', now: 1 });
    const uuid = alice?.uuid ?? '';
    expect(await clients.update(uuid, { note: 'a' }, { now: 2, version: 1 })).toMatchObject({ version: 2 });
    expect(await clients.update(uuid, { note: 'b' }, { now: 3, version: 1 })).toBeNull();
    expect(await clients.findByUuid(uuid)).toMatchObject({ note: 'a' });
  });

  it('know who enrolled them', async () => {
    const { clients } = temporary.store;
    await clients.create({ slug: 'alice', now: 1, owner: 'https://id.example 7' });
    expect(await clients.countOfOwner('https://id.example 7')).toBe(1);
    expect(await clients.countOfOwner('https://id.example 8')).toBe(0);
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
