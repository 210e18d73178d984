import { expect, test } from 'vitest';
import { temporaryStore } from './testing/temporaryStore.js';
import type { DailyUsage, UsageBatch } from './usage.js';

function usage(clientSlug: string, day: string, bytesIn: number): DailyUsage {
  const amount = { bytesIn, bytesOut: 2 * bytesIn, packetsIn: 1, packetsOut: 2, sessions: 1 };
  return { clientUuid: `uuid-${clientSlug}`, clientSlug, day, ...amount };
}

function batch(id: string, ...additions: readonly DailyUsage[]): UsageBatch {
  return { writer: 'w1', id, additions };
}

test('batches add up, and one that is tried twice counts once', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const add = (of: UsageBatch): Promise<void> =>
    store.atomically((repositories) => repositories.usage.add(of));
  await add(batch('b1', usage('alice', '2026-02-27', 10), usage('bob', '2026-02-27', 1)));
  await add(batch('b2', usage('alice', '2026-02-27', 5)));
  await add(batch('b2', usage('alice', '2026-02-27', 5)));
  expect(await store.usage.days('alice', '2026-02-01', '2026-02-28')).toEqual([
    { ...usage('alice', '2026-02-27', 15), packetsIn: 2, packetsOut: 4, sessions: 2 },
  ]);
  await store.usage.forgetWriter('w1');
  expect(await store.settings.get('usage.batch.w1')).toBeNull();
});

test('a batch that fails leaves nothing behind', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const failing = store.atomically(async ({ usage: repository }) => {
    await repository.add(batch('b1', usage('alice', '2026-02-27', 10)));
    throw new Error('power cut');
  });
  await expect(failing).rejects.toThrow('power cut');
  await store.atomically((repositories) =>
    repositories.usage.add(batch('b1', usage('alice', '2026-02-27', 10))),
  );
  expect((await store.usage.days('alice', '2026-02-27', '2026-02-27'))[0]?.bytesIn).toBe(10);
});

test('a month is the sum of its days, and no other month', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  await store.atomically((repositories) =>
    repositories.usage.add(
      batch(
        'b1',
        usage('alice', '2026-01-31', 100),
        usage('alice', '2026-02-01', 1),
        usage('alice', '2026-02-28', 2),
        usage('alice', '2026-03-01', 100),
        usage('bob', '2026-02-10', 7),
      ),
    ),
  );
  expect(await store.usage.bytesOfMonth('2026-02')).toEqual(
    new Map([
      ['uuid-alice', 9],
      ['uuid-bob', 21],
    ]),
  );
  expect(await store.usage.bytesOfMonth('2026-02', ['uuid-bob', 'nobody'])).toEqual(
    new Map([['uuid-bob', 21]]),
  );
  expect(await store.usage.bytesOfMonth('2026-02', [])).toEqual(new Map());
  expect(await store.usage.month('2026-02', { limit: 10 })).toMatchObject([
    { clientSlug: 'alice', month: '2026-02', bytesIn: 3, bytesOut: 6, sessions: 2 },
    { clientSlug: 'bob', bytesIn: 7 },
  ]);
  expect(await store.usage.month('2026-02', { after: 'alice', limit: 10 })).toHaveLength(1);
});

test('more rows than one statement takes', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const many = Array.from({ length: 250 }, (_, index) => usage(`c${index}`, '2026-02-01', 1));
  await store.atomically((repositories) => repositories.usage.add(batch('b1', ...many)));
  expect((await store.usage.bytesOfMonth('2026-02')).size).toBe(250);
});
