import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryStore, type TemporaryStore } from './testing/temporaryStore.js';
import { uuidV7 } from './uuid.js';
import type { WebhookRecord, WebhookRepository } from './webhooks.js';

let temporary: TemporaryStore;
let webhooks: WebhookRepository;
let webhook: WebhookRecord;

beforeEach(async () => {
  temporary = await temporaryStore();
  ({ webhooks } = temporary.store);
  webhook = await webhooks.create({
    url: 'https://example.org/hook',
    events: ['session.connected'],
    sealedSecret: 'sealed',
    enabled: true,
    now: 10.5,
  });
});
afterEach(() => temporary[Symbol.asyncDispose]());

const enqueue = async (createdAt: number, webhookUuid = webhook.uuid, event = 'session.connected') => {
  const uuid = uuidV7(createdAt);
  await webhooks.enqueue([{ uuid, webhookUuid, event, body: '{}', createdAt }]);
  return uuid;
};

it('are kept as they were made, and changed by whoever saw their version', async () => {
  expect(webhook).toMatchObject({ createdAt: 10, version: 1, enabled: true, events: ['session.connected'] });
  expect(await webhooks.find(webhook.uuid)).toEqual(webhook);
  const at = { now: 20, version: 1 };
  const changed = await webhooks.update(webhook.uuid, { enabled: false, events: [] }, at);
  expect(changed).toEqual({ ...webhook, enabled: false, events: [], updatedAt: 20, version: 2 });
  expect(await webhooks.update(webhook.uuid, { enabled: true }, at)).toBeNull();
  expect(await webhooks.list()).toEqual([changed]);
});

it('take their deliveries along when deleted', async () => {
  const uuid = await enqueue(100);
  expect(await webhooks.delete(webhook.uuid)).toBe(true);
  expect(await webhooks.delete(webhook.uuid)).toBe(false);
  expect(await webhooks.findDelivery(uuid)).toBeNull();
});

it('deliver what waits longest first, and nothing before its time', async () => {
  const [second, first] = [await enqueue(200), await enqueue(100)];
  expect(await webhooks.due(webhook.uuid, 99)).toBeNull();
  expect(await webhooks.nextDue(webhook.uuid)).toBe(100);
  expect(await webhooks.due(webhook.uuid, 500)).toMatchObject({ uuid: first, attempts: 0 });
  await webhooks.delivered(first, 300);
  expect(await webhooks.due(webhook.uuid, 500)).toMatchObject({ uuid: second });
  expect(await webhooks.findDelivery(first)).toMatchObject({ deliveredAt: 300, nextAttemptAt: null });
});

it('let one server attempt a delivery, and others when it died', async () => {
  await enqueue(100);
  const seen = await webhooks.due(webhook.uuid, 100);
  if (seen === null) throw new Error('nothing is due');
  expect(await webhooks.claim(seen, 1_000)).toBe(true);
  expect(await webhooks.claim(seen, 1_000)).toBe(false);
  expect(await webhooks.due(webhook.uuid, 999)).toBeNull();
  expect(await webhooks.due(webhook.uuid, 1_000)).toMatchObject({ attempts: 1 });
});

it('keep what failed until its next attempt, and what was given up for people to see', async () => {
  const [waits, dead] = [await enqueue(100), await enqueue(101)];
  await webhooks.failed(waits, 'x'.repeat(1_000), 5_000);
  await webhooks.failed(dead, 'answered with 500', null);
  const states = async (state: 'pending' | 'dead' | 'delivered') =>
    (await webhooks.deliveries({ webhookUuid: webhook.uuid, state })).map(({ uuid }) => uuid);
  expect([await states('pending'), await states('dead'), await states('delivered')]).toEqual([
    [waits],
    [dead],
    [],
  ]);
  expect((await webhooks.findDelivery(waits))?.lastError).toHaveLength(500);
  expect(await webhooks.backlog()).toEqual(new Map([[webhook.uuid, { pending: 1, dead: 1 }]]));
  expect(await webhooks.retry(dead, 9_000)).toBe(true);
  expect(await webhooks.due(webhook.uuid, 9_000)).toMatchObject({ uuid: waits });
  await webhooks.delivered(dead, 9_001);
  expect(await webhooks.retry(dead, 9_002)).toBe(false);
});

it('take a delivery of the same uuid once, and list them newest first by page', async () => {
  const uuids = [await enqueue(100), await enqueue(200), await enqueue(300)];
  const [first = '', second = '', third = ''] = uuids;
  await webhooks.enqueue([{ uuid: first, webhookUuid: webhook.uuid, event: 'x', body: '!', createdAt: 1 }]);
  const page = async (before?: { readonly createdAt: number; readonly uuid: string }) => {
    const place = before === undefined ? {} : { before };
    const found = await webhooks.deliveries({ webhookUuid: webhook.uuid, limit: 2, ...place });
    return found.map(({ uuid }) => uuid);
  };
  expect(await page()).toEqual([third, second]);
  expect(await page({ createdAt: 200, uuid: second })).toEqual([first]);
});

it('forget what is done after a while, but not what waits, nor what must not be said twice', async () => {
  const [done, waits, once] = [
    await enqueue(100),
    await enqueue(100),
    await enqueue(100, webhook.uuid, 'once'),
  ];
  await webhooks.delivered(done, 101);
  await webhooks.delivered(once, 101);
  expect(await webhooks.prune(100, ['once'])).toBe(0);
  expect(await webhooks.prune(101, ['once'])).toBe(1);
  expect(await webhooks.findDelivery(done)).toBeNull();
  expect(await webhooks.findDelivery(waits)).not.toBeNull();
  expect(await webhooks.findDelivery(once)).not.toBeNull();
});
