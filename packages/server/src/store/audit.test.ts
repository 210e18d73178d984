import { expect, it } from 'vitest';
import { localActor, systemActor, type Actor } from '../audit/actor.js';
import type { AuditQuery } from './audit.js';
import type { Store } from './store.js';
import { describeStores } from './testing/temporaryStore.js';

const ada: Actor = { kind: 'administrator', name: 'ada', remoteAddress: '192.0.2.7' };

async function fill({ audit }: Store): Promise<void> {
  const entry = { targetKind: 'client', target: 'alice' };
  await audit.insert({
    ...entry,
    actor: ada,
    action: 'client.create',
    detail: { slug: 'alice' },
    now: 1_000,
  });
  await audit.insert({ ...entry, actor: localActor, action: 'client.update', now: 2_000 });
  await audit.insert({ ...entry, actor: ada, action: 'client.update', target: 'bob', now: 3_000.9 });
  await audit.insert({
    actor: systemActor,
    action: 'clients.expire',
    targetKind: 'server',
    target: 'alice',
    now: 4_000,
  });
}

describeStores('audit', (open) => {
  it('remembers who did what to what, when, from where', async () => {
    await using temporary = await open();
    const { audit } = temporary.store;
    const written = await audit.insert({
      actor: ada,
      action: 'client.update',
      targetKind: 'client',
      target: 'alice',
      detail: {
        before: { enabled: true },
        after: { enabled: false },
        note: 'left “us” \u0000',
        tags: [1, null],
      },
      now: 1_700_000_000_000,
    });
    expect(await audit.list()).toEqual([written]);
    expect(written).toMatchObject({
      at: 1_700_000_000_000,
      actor: ada,
      detail: { after: { enabled: false } },
    });
  });

  it.each<[string, AuditQuery, number[]]>([
    ['everything, newest first', {}, [4_000, 3_000, 2_000, 1_000]],
    ['one actor', { actor: 'ada' }, [3_000, 1_000]],
    ['one action', { action: 'client.update' }, [3_000, 2_000]],
    [
      'all actions on a noun, not those that only begin like it',
      { action: 'client.' },
      [3_000, 2_000, 1_000],
    ],
    ['one target', { targetKind: 'client', target: 'alice' }, [2_000, 1_000]],
    ['a time: its first millisecond included, its last not', { from: 2_000, until: 4_000 }, [3_000, 2_000]],
    ['all of that', { actor: 'ada', action: 'client.', target: 'bob', from: 1, until: 9_999 }, [3_000]],
    ['a page', { limit: 2 }, [4_000, 3_000]],
  ])('finds %s', async (_, query, times) => {
    await using temporary = await open();
    await fill(temporary.store);
    expect((await temporary.store.audit.list(query)).map(({ at }) => at)).toEqual(times);
  });

  it('goes on after the last entry of a page', async () => {
    await using temporary = await open();
    await fill(temporary.store);
    const { audit } = temporary.store;
    const [first, second] = await audit.list({ limit: 2 });
    const rest = await audit.list({ limit: 2, ...(second === undefined ? {} : { before: second.uuid }) });
    expect([first, second, ...rest].map((entry) => entry?.at)).toEqual([4_000, 3_000, 2_000, 1_000]);
  });

  it('forgets what is older than asked for', async () => {
    await using temporary = await open();
    await fill(temporary.store);
    expect(await temporary.store.audit.prune(3_000)).toBe(2);
    expect((await temporary.store.audit.list()).map(({ at }) => at)).toEqual([4_000, 3_000]);
  });

  it('is part of the transaction of what it tells of', async () => {
    await using temporary = await open();
    const { store } = temporary;
    const work = store.atomically(async ({ audit }) => {
      await audit.insert({ actor: ada, action: 'x.y', targetKind: 'x', target: 'x', now: 1 });
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await store.audit.list()).toEqual([]);
  });
});
