import { expect, test } from 'vitest';
import { describeStores } from '../store/testing/temporaryStore.js';
import { ensureFirstPolicy } from './firstStart.js';

describeStores('the first policy', (open) => {
  test('puts every client that is there into a group that may do what clients could before', async () => {
    await using temporary = await open();
    const { store } = temporary;
    const alice = await store.clients.create({ slug: 'alice', now: 1 });
    await ensureFirstPolicy(store, 5);
    const [group] = await store.groups.list();
    expect(group).toMatchObject({ slug: 'default' });
    expect(await store.groups.memberships()).toEqual([{ clientUuid: alice?.uuid, groupUuid: group?.uuid }]);
    expect(await store.rules.list()).toMatchObject([
      {
        action: 'allow',
        enabled: true,
        subject: { kind: 'group', id: group?.uuid },
        destination: { kind: 'any' },
        protocol: 0,
        ports: [],
      },
    ]);
    expect(await store.audit.list({ action: 'group.create' })).toHaveLength(1);
  });

  test('is made once: what an administrator deletes does not come back', async () => {
    await using temporary = await open();
    const { store } = temporary;
    await Promise.all([ensureFirstPolicy(store, 5), ensureFirstPolicy(store, 5)]);
    const [group] = await store.groups.list();
    expect(await store.groups.count()).toBe(1);
    const [rule] = await store.rules.list();
    await store.rules.delete([rule?.uuid ?? '']);
    await store.groups.delete(group?.uuid ?? '');
    await ensureFirstPolicy(store, 6);
    expect([await store.groups.list(), await store.rules.list()]).toEqual([[], []]);
  });
});
