import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EnrolmentRecord } from './enrolments.js';
import { temporaryStore, type TemporaryStore } from './testing/temporaryStore.js';

describe('enrolments', () => {
  let temporary: TemporaryStore;
  let clientUuid: string;
  beforeEach(async () => {
    temporary = await temporaryStore();
    const alice = await temporary.store.clients.create({ slug: 'alice', now: 7 });
    clientUuid = alice?.uuid ?? '';
  });
  afterEach(async () => {
    await temporary[Symbol.asyncDispose]();
  });

  function create(secretSha256 = 's', now = 1_000): Promise<EnrolmentRecord> {
    return temporary.store.enrolments.create({
      ...{ clientUuid, secretSha256, now },
      ...{ createdBy: 'root', expiresAt: now + 1_000 },
    });
  }

  const redemption = { certificateSha256: 'c', keySha256: 'k', from: '192.0.2.1', now: 1_500 };

  it('are found by id and by the hash of their secret', async () => {
    const made = await create();
    expect(made).toEqual({
      uuid: expect.any(String) as string,
      clientUuid,
      createdBy: 'root',
      createdAt: 1_000,
      expiresAt: 2_000,
      redeemedAt: null,
      redeemedFrom: null,
      certificateSha256: null,
      keySha256: null,
      revokedAt: null,
    });
    const { enrolments } = temporary.store;
    expect(await enrolments.find(made.uuid)).toEqual(made);
    expect(await enrolments.findBySecret('s')).toEqual(made);
    expect(await enrolments.findBySecret('S')).toBeNull();
  });

  it('are redeemed by one of many at once', async () => {
    const { uuid } = await create();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        temporary.store.enrolments.redeem(uuid, { ...redemption, keySha256: `k${at}` }, 1_500),
      ),
    );
    expect(results.filter((result) => result !== null)).toHaveLength(1);
  });

  it('are redeemed again with the same key for a while, counted from the first time', async () => {
    const { uuid } = await create();
    const { enrolments } = temporary.store;
    expect(await enrolments.redeem(uuid, redemption, 0)).toMatchObject({ redeemedAt: 1_500 });
    const again = { ...redemption, certificateSha256: 'd', now: 2_500 };
    expect(await enrolments.redeem(uuid, { ...again, keySha256: 'other' }, 1_000)).toBeNull();
    expect(await enrolments.redeem(uuid, again, 1_499)).toMatchObject({
      redeemedAt: 1_500,
      certificateSha256: 'd',
    });
    expect(await enrolments.redeem(uuid, again, 1_500)).toBeNull();
  });

  it('are of no use when expired or revoked', async () => {
    const { enrolments } = temporary.store;
    const late = await create('late');
    expect(await enrolments.redeem(late.uuid, { ...redemption, now: 2_000 }, 2_000)).toBeNull();
    const revoked = await create('revoked');
    expect(await enrolments.revoke(revoked.uuid, 1_200)).toBe(true);
    expect(await enrolments.revoke(revoked.uuid, 1_300)).toBe(false);
    expect(await enrolments.redeem(revoked.uuid, redemption, 0)).toBeNull();
    expect(await enrolments.redeem(late.uuid, { ...redemption, now: 1_999 }, 0)).not.toBeNull();
    expect(await enrolments.revoke(late.uuid, 2_000)).toBe(false);
  });

  it('are listed from the newest, and by what they are good for', async () => {
    const { enrolments } = temporary.store;
    const first = await create('1', 1_000);
    const second = await create('2', 1_100);
    const third = await create('3', 1_200);
    const uuids = async (query: Parameters<typeof enrolments.list>[0]): Promise<string[]> =>
      (await enrolments.list(query)).map(({ uuid }) => uuid);
    expect(await uuids({ limit: 2 })).toEqual([third.uuid, second.uuid]);
    expect(await uuids({ before: second.uuid })).toEqual([first.uuid]);
    expect(await uuids({ clientUuid: 'nobody' })).toEqual([]);
    await enrolments.revoke(third.uuid, 1_300);
    expect(await uuids({ openAt: 2_000 })).toEqual([second.uuid]);
    expect(await enrolments.countOpen(1_500, 1_100)).toBe(1);
    expect(await enrolments.countOpen(1_500, 5_000)).toBe(2);
  });

  it('vanish with their client, and some time after they expired', async () => {
    const { enrolments, clients } = temporary.store;
    await create('1', 1_000);
    await create('2', 5_000);
    expect(await enrolments.prune(2_001)).toBe(1);
    await clients.delete(clientUuid);
    expect(await enrolments.list()).toEqual([]);
  });
});
