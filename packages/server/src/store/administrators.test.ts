import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryStore, type TemporaryStore } from './testing/temporaryStore.js';

let temporary: TemporaryStore;
beforeEach(async () => {
  temporary = await temporaryStore();
});
afterEach(async () => {
  await temporary[Symbol.asyncDispose]();
});

const nobody = '00000000-0000-7000-8000-000000000000';

describe('administrators', () => {
  test('are found by uuid, name and identity; names and identities are taken once', async () => {
    const { administrators } = temporary.store;
    const oidc = { oidcIssuer: 'https://a.example', oidcSubject: '1' };
    const ann = await administrators.create({ name: 'ann', role: 'owner', ...oidc, now: 5.5 });
    expect(ann).toMatchObject({ name: 'ann', role: 'owner', enabled: true, createdAt: 5, version: 1 });
    expect(await administrators.create({ name: 'ann', role: 'reader', now: 6 })).toBeNull();
    expect(await administrators.create({ name: 'ben', role: 'reader', ...oidc, now: 6 })).toBeNull();
    expect(await administrators.find(ann?.uuid ?? '')).toEqual(ann);
    expect(await administrators.findByName('ann')).toEqual(ann);
    expect(await administrators.findByIdentity('https://a.example', '1')).toEqual(ann);
    expect(await administrators.findByIdentity('https://b.example', '1')).toBeNull();
    // Without an identity there is no limit.
    expect(await administrators.create({ name: 'bob', role: 'reader', now: 7 })).not.toBeNull();
    expect(await administrators.create({ name: 'cid', role: 'reader', now: 7 })).not.toBeNull();
    expect((await administrators.list({ after: 'ann', limit: 1 })).map(({ name }) => name)).toEqual(['bob']);
  });

  test('change at the version they were read at', async () => {
    const { administrators } = temporary.store;
    const ann = await administrators.create({ name: 'ann', role: 'owner', now: 1 });
    const uuid = ann?.uuid ?? '';
    const at = { now: 2, version: 1 };
    expect(await administrators.update(uuid, { role: 'reader' }, at)).toMatchObject({
      role: 'reader',
      version: 2,
    });
    expect(await administrators.update(uuid, { role: 'owner' }, at)).toBeNull();
    expect(await administrators.update(uuid, { enabled: false }, { now: 3, version: null })).toMatchObject({
      role: 'reader',
      enabled: false,
      version: 3,
      updatedAt: 3,
    });
    expect(await administrators.update(nobody, {}, { now: 1, version: null })).toBeNull();
  });

  test('are counted, owners only as long as they may sign in', async () => {
    const { administrators } = temporary.store;
    expect(await administrators.count()).toBe(0);
    const ann = await administrators.create({ name: 'ann', role: 'owner', now: 1 });
    await administrators.create({ name: 'bob', role: 'reader', now: 1 });
    expect([await administrators.count(), await administrators.countOwners()]).toEqual([2, 1]);
    await administrators.update(ann?.uuid ?? '', { enabled: false }, { now: 1, version: null });
    expect(await administrators.countOwners()).toBe(0);
  });

  test('use a code up, and every code before it', async () => {
    const { administrators } = temporary.store;
    const { uuid = '' } = (await administrators.create({ name: 'ann', role: 'owner', now: 1 })) ?? {};
    const taken = await Promise.all([100, 100, 100].map((step) => administrators.takeTotpStep(uuid, step)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await administrators.takeTotpStep(uuid, 99)).toBe(false);
    expect(await administrators.takeTotpStep(uuid, 101)).toBe(true);
  });

  test('get a newer hash unless the password was changed meanwhile', async () => {
    const { administrators } = temporary.store;
    const created = await administrators.create({ name: 'ann', role: 'owner', passwordHash: 'old', now: 1 });
    const uuid = created?.uuid ?? '';
    expect(await administrators.replaceHash(uuid, 'other', 'new')).toBe(false);
    expect(await administrators.replaceHash(uuid, 'old', 'new')).toBe(true);
    expect(await administrators.find(uuid)).toMatchObject({ passwordHash: 'new', version: 1 });
  });
});

describe('logins', () => {
  const login = {
    administratorUuid: null,
    detail: '{}',
    remoteAddress: '192.0.2.1',
    now: 10,
    expiresAt: 100,
  } as const;

  test('are found until they expire, by their kind only', async () => {
    const { logins } = temporary.store;
    await logins.insert({ ...login, kind: 'session', secretSha256: 'a' });
    expect(await logins.find('session', 'a', 99)).toMatchObject({
      remoteAddress: '192.0.2.1',
      lastUsedAt: 10,
    });
    expect(await logins.find('session', 'a', 100)).toBeNull();
    expect(await logins.find('link', 'a', 10)).toBeNull();
    await logins.touch('a', 50);
    expect(await logins.find('session', 'a', 60)).toMatchObject({ lastUsedAt: 50 });
    expect([await logins.delete('a'), await logins.delete('a')]).toEqual([true, false]);
  });

  test('for one time are taken by one of many', async () => {
    const { logins } = temporary.store;
    await logins.insert({ ...login, kind: 'link', secretSha256: 'a' });
    const taken = await Promise.all([1, 2, 3].map(() => logins.take('link', 'a', 20)));
    expect(taken.filter((each) => each !== null)).toHaveLength(1);
    await logins.insert({ ...login, kind: 'link', secretSha256: 'b' });
    expect(await logins.take('link', 'b', 100)).toBeNull();
  });

  test('of an administrator are listed, known by address, and end with their owner', async () => {
    const { logins, administrators } = temporary.store;
    const { uuid: administratorUuid = '' } =
      (await administrators.create({ name: 'ann', role: 'owner', now: 1 })) ?? {};
    await logins.insert({ ...login, kind: 'session', secretSha256: 'a', administratorUuid });
    await logins.insert({ ...login, kind: 'session', secretSha256: 'b', administratorUuid, now: 11 });
    await logins.insert({ ...login, kind: 'link', secretSha256: 'c', administratorUuid });
    const open = await logins.sessionsOf(administratorUuid, 50);
    expect(open.map(({ secretSha256 }) => secretSha256)).toEqual(['b', 'a']);
    expect(await logins.knows(administratorUuid, '192.0.2.1', 50)).toBe(true);
    expect(await logins.knows(administratorUuid, '192.0.2.2', 50)).toBe(false);
    expect(await logins.deleteSession(nobody, open[0]?.uuid ?? '')).toBe(false);
    expect(await logins.deleteAllOf(administratorUuid, 'b')).toBe(2);
    await administrators.delete(administratorUuid);
    expect(await logins.find('session', 'b', 50)).toBeNull();
  });

  test('under way are bounded, and forgotten when they are good for nothing', async () => {
    const { logins } = temporary.store;
    for (const now of [1, 2, 3, 4]) {
      await logins.insert({ ...login, kind: 'oidc', secretSha256: `oidc${now}`, now, expiresAt: 1_000 });
    }
    await logins.keepNewest('oidc', 2);
    const left = await Promise.all([1, 2, 3, 4].map((now) => logins.find('oidc', `oidc${now}`, 5)));
    expect(left.map((each) => each !== null)).toEqual([false, false, true, true]);
    await logins.insert({ ...login, kind: 'session', secretSha256: 'idle', expiresAt: 1_000 });
    await logins.insert({ ...login, kind: 'link', secretSha256: 'old', expiresAt: 50 });
    expect(await logins.prune(60, 10)).toBe(2);
  });
});

describe('failed logins', () => {
  test('are counted by key, replaced, and bounded', async () => {
    const { loginFailures } = temporary.store;
    await loginFailures.put('account:a', { failures: 1, lastAt: 10, lockedUntil: 0 });
    await loginFailures.put('account:a', { failures: 2, lastAt: 20, lockedUntil: 90 });
    expect(await loginFailures.find('account:a')).toEqual({ failures: 2, lastAt: 20, lockedUntil: 90 });
    await loginFailures.put('account:b', { failures: 1, lastAt: 30, lockedUntil: 0 });
    await loginFailures.put('account:c', { failures: 1, lastAt: 40, lockedUntil: 0 });
    // Neither lately nor locked.
    await loginFailures.prune(50, 35, 10);
    expect(await loginFailures.find('account:b')).toBeNull();
    expect(await loginFailures.find('account:a')).not.toBeNull();
    await loginFailures.prune(50, 0, 1);
    expect(await loginFailures.find('account:a')).toBeNull();
    expect(await loginFailures.find('account:c')).not.toBeNull();
    await loginFailures.delete('account:c');
    expect(await loginFailures.find('account:c')).toBeNull();
  });
});

describe('tokens', () => {
  const token = {
    name: 'script',
    scopes: ['clients:read'],
    administratorUuid: null,
    expiresAt: null,
  } as const;

  test('are found by secret, listed by owner, counted while they are good, revoked once', async () => {
    const { apiTokens, administrators } = temporary.store;
    const { uuid: administratorUuid = '' } =
      (await administrators.create({ name: 'ann', role: 'owner', now: 1 })) ?? {};
    const first = await apiTokens.insert({ ...token, secretSha256: 'a', now: 1 });
    const second = await apiTokens.insert({
      ...token,
      administratorUuid,
      expiresAt: 50,
      secretSha256: 'b',
      now: 2,
    });
    expect(await apiTokens.findBySecret('a')).toEqual(first);
    expect(await apiTokens.list({ administratorUuid: null, after: null, limit: 9 })).toEqual([first, second]);
    expect(await apiTokens.list({ administratorUuid: null, after: first.uuid, limit: 9 })).toEqual([second]);
    expect(await apiTokens.list({ administratorUuid, after: null, limit: 9 })).toEqual([second]);
    expect(await apiTokens.countActive(administratorUuid, 49)).toBe(1);
    expect(await apiTokens.countActive(administratorUuid, 50)).toBe(0);
    expect(await apiTokens.countActive(null, 50)).toBe(1);
    expect([await apiTokens.revoke(first.uuid, 60), await apiTokens.revoke(first.uuid, 61)]).toEqual([
      true,
      false,
    ]);
    await apiTokens.touch(second.uuid, 70);
    expect(await apiTokens.find(second.uuid)).toMatchObject({ lastUsedAt: 70 });
    expect(await apiTokens.prune(55)).toBe(1);
    expect(await apiTokens.find(first.uuid)).toMatchObject({ revokedAt: 60 });
  });
});

describe('idempotency keys', () => {
  test('are reserved by one of many, answered, and forgotten', async () => {
    const { idempotencyKeys } = temporary.store;
    const first = { requestSha256: 'request', server: null };
    const key = { key: 'key', createdAt: 10 };
    const reserved = await Promise.all([1, 2, 3].map(() => idempotencyKeys.reserve(key, first)));
    expect(reserved.filter(Boolean)).toHaveLength(1);
    expect(await idempotencyKeys.find('key')).toEqual({
      ...{ requestSha256: 'request', server: null, done: false },
      answer: null,
      createdAt: 10,
    });
    expect(await idempotencyKeys.markDone({ ...key, createdAt: 9 })).toBe(false);
    expect(await idempotencyKeys.markDone(key)).toBe(true);
    expect(await idempotencyKeys.release(key)).toBe(false);
    await idempotencyKeys.answer(key, 201, 'sealed');
    expect(await idempotencyKeys.find('key')).toMatchObject({
      done: true,
      answer: { status: 201, sealedBody: 'sealed' },
    });
    expect(await idempotencyKeys.count()).toBe(1);
    expect(await idempotencyKeys.prune(10)).toBe(0);
    expect(await idempotencyKeys.prune(11)).toBe(1);
    const other = { key: 'other', createdAt: 12 };
    await idempotencyKeys.reserve(other, first);
    expect(await idempotencyKeys.release(other)).toBe(true);
    expect(await idempotencyKeys.find('other')).toBeNull();
  });
});
