import { expect, test } from 'vitest';
import type { RuleContent } from './rules.js';
import { temporaryStore } from './testing/temporaryStore.js';

const content: RuleContent = {
  enabled: true,
  action: 'deny',
  subject: { kind: 'group', id: 'g1' },
  destination: { kind: 'prefixes', prefixes: ['10.0.0.0/8', 'fd00::/8'] },
  protocol: 6,
  ports: [
    [22, 22],
    [8000, 8999],
  ],
  note: 'no shells',
};

test('rules come in the order of their positions, as they were written', async () => {
  await using temporary = await temporaryStore();
  const { rules } = temporary.store;
  const late = await rules.insert({ ...content, position: 2, now: 1 });
  const early = await rules.insert({ ...content, position: 1.5, enabled: false, now: 2 });
  expect(early).toMatchObject({ ...content, enabled: false, version: 1 });
  expect(await rules.list()).toEqual([early, late]);
  await rules.move(late.uuid, 1);
  expect((await rules.list()).map(({ uuid }) => uuid)).toEqual([late.uuid, early.uuid]);
});

test('a number is never used again', async () => {
  await using temporary = await temporaryStore();
  const { rules } = temporary.store;
  const first = await rules.insert({ ...content, position: 1, now: 1 });
  await rules.delete([first.uuid]);
  await rules.delete([]);
  const second = await rules.insert({ ...content, position: 1, now: 1 });
  expect(second.number).toBeGreaterThan(first.number);
});

test('a change names the version it is based on', async () => {
  await using temporary = await temporaryStore();
  const { rules } = temporary.store;
  const rule = await rules.insert({ ...content, position: 1, now: 1 });
  const changed = await rules.update(
    rule.uuid,
    { ...content, action: 'allow', position: 1 },
    { version: 1, now: 5 },
  );
  expect(changed).toMatchObject({ action: 'allow', version: 2, updatedAt: 5, number: rule.number });
  expect(await rules.update(rule.uuid, { ...content, position: 1 }, { version: 1, now: 6 })).toBeNull();
});

test('the version of the list counts the transactions that changed it, and none that failed', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  expect(await store.rules.listVersion()).toBe(0);
  await store.atomically(({ rules }) => rules.lock());
  await store.atomically(({ rules }) => rules.hold());
  await expect(
    store.atomically(async ({ rules }) => {
      await rules.lock();
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  expect(await store.rules.listVersion()).toBe(1);
});
