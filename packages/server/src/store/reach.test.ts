import { expect, test } from 'vitest';
import type { PortForwardContent } from './reach.js';
import type { RuleContent } from './rules.js';
import type { Store } from './store.js';
import { temporaryStore } from './testing/temporaryStore.js';

async function forwardContent(store: Store): Promise<PortForwardContent> {
  const client = await store.clients.create({ slug: 'nas', now: 1 });
  return {
    enabled: true,
    protocol: 6,
    publicPort: 2222,
    clientUuid: client?.uuid ?? '',
    clientPort: 22,
    sources: ['192.0.2.0/24'],
    note: null,
  };
}

test('a public port leads to one client, per protocol', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const content = await forwardContent(store);
  const forward = await store.reach.insertForward({ ...content, now: 5 });
  expect(forward).toMatchObject({ ...content, version: 1, createdAt: 5 });
  expect(await store.reach.insertForward({ ...content, now: 6 })).toBeNull();
  const udp = await store.reach.insertForward({ ...content, protocol: 17, now: 6 });
  expect(await store.reach.listForwards()).toEqual([forward, udp]);
  expect(await store.reach.findForward(udp?.uuid ?? '')).toEqual(udp);
});

test("its number is no rule's number", async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const rule: RuleContent = {
    enabled: true,
    action: 'allow',
    subject: { kind: 'everyone' },
    destination: { kind: 'any' },
    protocol: 0,
    ports: [],
    note: null,
  };
  const before = await store.rules.insert({ ...rule, position: 1, now: 5 });
  const forward = await store.reach.insertForward({ ...(await forwardContent(store)), now: 5 });
  const after = await store.rules.insert({ ...rule, position: 2, now: 5 });
  expect([forward?.number, after.number]).toEqual([before.number + 1, before.number + 2]);
});

test('a forward changes from one version to the next, and goes with its client', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const content = await forwardContent(store);
  const uuid = (await store.reach.insertForward({ ...content, now: 5 }))?.uuid ?? '';
  const change = { ...content, enabled: false, publicPort: 2223 };
  expect(await store.reach.updateForward(uuid, change, { version: 1, now: 6 })).toMatchObject({
    ...change,
    version: 2,
  });
  expect(await store.reach.updateForward(uuid, content, { version: 1, now: 7 })).toBeNull();
  await store.clients.delete(content.clientUuid);
  expect(await store.reach.deleteForward(uuid)).toBe(false);
});

test('a prefix is granted once', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const { clientUuid } = await forwardContent(store);
  const grant = await store.reach.insertPrefix({ clientUuid, prefix: '10.20.0.0/16', now: 3 });
  expect(await store.reach.listPrefixes()).toEqual([grant]);
  expect(await store.reach.insertPrefix({ clientUuid, prefix: '10.20.0.0/16', now: 3 })).toBeNull();
  expect(await store.reach.deletePrefix(grant?.uuid ?? '')).toBe(true);
  expect(await store.reach.listPrefixes()).toEqual([]);
});
