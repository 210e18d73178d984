import { expect, it } from 'vitest';
import { temporaryStore } from './testing/temporaryStore.js';

it('tokens of clients are listed, revoked once and gone with their client', async () => {
  await using temporary = await temporaryStore();
  const { clients, clientTokens } = temporary.store;
  const alice = await clients.create({ slug: 'alice', now: 7 });
  const clientUuid = alice?.uuid ?? '';
  const first = await clientTokens.create({ clientUuid, secretSha256: 'a', expiresAt: null, now: 1_000.4 });
  const second = await clientTokens.create({ clientUuid, secretSha256: 'b', expiresAt: 9_000, now: 2_000 });
  expect(first).toMatchObject({ createdAt: 1_000, expiresAt: null, revokedAt: null });
  expect(await clientTokens.list({ clientUuid })).toEqual([first, second]);
  expect(await clientTokens.list({ after: first.uuid, limit: 5 })).toEqual([second]);
  expect(await clientTokens.list({ clientUuid: 'nobody' })).toEqual([]);
  expect(await clientTokens.revoke(first.uuid, 3_000)).toBe(true);
  expect(await clientTokens.revoke(first.uuid, 4_000)).toBe(false);
  expect(await clientTokens.find(first.uuid)).toMatchObject({ revokedAt: 3_000 });
  await clients.delete(clientUuid);
  expect(await clientTokens.find(second.uuid)).toBeNull();
});
