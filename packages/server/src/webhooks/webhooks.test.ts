import { createHmac, createSecretKey } from 'node:crypto';
import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localActor } from '../audit/actor.js';
import { createSealer } from '../pki/sealer.js';
import { temporaryStore, type TemporaryStore } from '../store/testing/temporaryStore.js';
import { WebhookBook } from './book.js';
import { Courier, retryDelaysMs } from './courier.js';
import type { WebhookEvent } from './event.js';
import { Outbox } from './outbox.js';
import { Poster } from './post.js';
import { Targets } from './target.js';
import { Receiver } from './testing/receiver.js';
import { Webhooks } from './webhooks.js';

const logger = pino({ level: 'silent' });
const by = { actor: localActor, version: null };

/** A server's webhooks on a store that may outlive it. */
async function start(temporary: TemporaryStore, clock: ManualClock) {
  const { store } = temporary;
  const sealer = createSealer(createSecretKey(Buffer.alloc(32, 7)));
  const targets = new Targets({ allowPrivate: true, own: [] });
  const book = new WebhookBook(store, sealer, logger);
  await book.read();
  const poster = new Poster({ targets, clock, userAgent: 'masque-vpn/test' });
  const courier = new Courier({ store, book, poster, clock, logger });
  const outbox = new Outbox({ store, book, clock, logger, onQueued: () => courier.wake() });
  const webhooks = new Webhooks({ store, book, courier, targets, sealer, clock, logger });
  courier.wake();
  return {
    ...{ courier, outbox, webhooks },
    /** Everything that was said is stored, and everything due attempted. */
    settle: async () => {
      await outbox.flush();
      courier.wake();
      await courier.settled();
    },
    stop: async () => {
      webhooks[Symbol.dispose]();
      await outbox.flush();
      await courier[Symbol.asyncDispose]();
    },
  };
}

let temporary: TemporaryStore;
let clock: ManualClock;
let receiver: Receiver;
let server: Awaited<ReturnType<typeof start>>;

beforeEach(async () => {
  temporary = await temporaryStore();
  clock = new ManualClock();
  receiver = await Receiver.open();
  server = await start(temporary, clock);
});
afterEach(async () => {
  await server.stop();
  await receiver[Symbol.asyncDispose]();
  await temporary[Symbol.asyncDispose]();
});

async function create(events: readonly WebhookEvent[] = ['session.connected'], url = receiver.url) {
  const created = await server.webhooks.create({ url, events, enabled: true }, localActor);
  if (!created.ok) throw new Error(created.error.code);
  return created.value;
}
const bodies = () => receiver.received.map(({ body }) => JSON.parse(body) as { type: string; data: unknown });
const deliveries = (webhookUuid: string) => temporary.store.webhooks.deliveries({ webhookUuid });

test('tells those that want to hear, with a signature that proves who says it', async () => {
  const { secret } = await create();
  server.outbox.emit('session.connected', { clientId: 'alice' });
  server.outbox.emit('session.disconnected', { clientId: 'alice' });
  await server.settle();
  const [first, ...rest] = receiver.received;
  expect(rest).toEqual([]);
  expect(bodies()).toMatchObject([{ type: 'session.connected', data: { clientId: 'alice' } }]);
  const {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature,
  } = first?.headers ?? {};
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(
    `${String(id)}.${String(timestamp)}.${first?.body ?? ''}`,
  );
  expect(signature).toBe(`v1,${expected.digest('base64')}`);
  expect(Number(timestamp)).toBe(Math.floor(clock.now() / 1_000));
});

test('keeps the secret sealed, and out of the audit log, as everything of the URL but its host', async () => {
  const { webhook, secret } = await create(['session.connected'], `${receiver.url}path-is-secret?token=x`);
  const stored = await temporary.store.webhooks.find(webhook.uuid);
  expect(stored?.sealedSecret).not.toContain(secret.slice(6, 20));
  const audit = JSON.stringify(await temporary.store.audit.list());
  expect(audit).toContain('webhook.create');
  expect(audit).not.toMatch(/whsec|path-is-secret|token=x/);
});

describe('what is not delivered', () => {
  test('is attempted again, later and later, with the same id', async () => {
    await create();
    receiver.answers = [500, 500, 200];
    server.outbox.emit('session.connected', {});
    await server.settle();
    for (const [index, delayMs] of retryDelaysMs.slice(0, 2).entries()) {
      clock.advance(delayMs * 0.85);
      await server.courier.settled();
      expect(receiver.received).toHaveLength(index + 1);
      clock.advance(delayMs * 0.3);
      await expect.poll(() => receiver.received.length).toBe(index + 2);
      await server.courier.settled();
    }
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    clock.advance(86_400_000);
    await server.settle();
    expect(receiver.received).toHaveLength(3);
  });

  test('is given up after a day and a half, stays for people to see, and can be tried again', async () => {
    const { webhook } = await create();
    receiver.answers = [500];
    server.outbox.emit('session.connected', {});
    await server.settle();
    for (let hours = 0; hours < 60; hours += 1) {
      clock.advance(3_600_000);
      await server.settle();
    }
    expect(receiver.received).toHaveLength(retryDelaysMs.length + 1);
    const [dead] = await deliveries(webhook.uuid);
    expect(dead).toMatchObject({ nextAttemptAt: null, deliveredAt: null, lastError: 'answered with 500' });
    receiver.answers = [200];
    expect(await server.webhooks.retry(webhook.uuid, dead?.uuid ?? '', localActor)).toMatchObject({
      ok: true,
    });
    await server.settle();
    expect(await deliveries(webhook.uuid)).toMatchObject([{ deliveredAt: Math.trunc(clock.now()) }]);
    expect(await server.webhooks.retry(webhook.uuid, dead?.uuid ?? '', localActor)).toMatchObject({
      error: { code: 'DELIVERY_DONE' },
    });
  });

  test('survives a restart, the attempt that was cut off included', async () => {
    await create();
    receiver.answers = ['nothing'];
    server.outbox.emit('session.connected', { clientId: 'alice' });
    await server.outbox.flush();
    await expect.poll(() => receiver.received.length).toBe(1);
    await server.stop();
    receiver.answers = [200];
    clock.advance(60_000);
    server = await start(temporary, clock);
    await server.settle();
    expect(bodies().map(({ data }) => data)).toEqual([{ clientId: 'alice' }, { clientId: 'alice' }]);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });
});

test('two servers on one database deliver each event once', async () => {
  await create();
  const other = await start(temporary, clock);
  for (let index = 0; index < 20; index += 1) server.outbox.emit('session.connected', { index });
  await server.outbox.flush();
  await Promise.all([server.settle(), other.settle()]);
  await expect.poll(() => receiver.received.length).toBe(20);
  await other.stop();
  const told = bodies().map(({ data }) => (data as { index: number }).index);
  expect(told.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

test('a webhook hears one thing after the other, and does not wait for another that is slow', async () => {
  await create();
  const slow = await Receiver.open();
  slow.answers = ['nothing'];
  await create(['session.connected'], slow.url);
  for (let index = 0; index < 5; index += 1) server.outbox.emit('session.connected', { index });
  await server.outbox.flush();
  await expect.poll(() => receiver.received.length).toBe(5);
  expect(receiver.mostAtOnce).toBe(1);
  expect(slow.received.length).toBeLessThanOrEqual(1);
  await slow[Symbol.asyncDispose]();
});

test('what must be said once is said once, also after it was delivered', async () => {
  await create(['client.expiring']);
  for (let round = 0; round < 3; round += 1) {
    server.outbox.emit('client.expiring', { clientId: 'alice' }, 'alice 5');
    await server.settle();
  }
  server.outbox.emit('client.expiring', { clientId: 'alice' }, 'alice 6');
  await server.settle();
  expect(receiver.received).toHaveLength(2);
});

test('one that is disabled hears nothing, and what waits for it waits', async () => {
  const { webhook } = await create();
  receiver.answers = [500];
  server.outbox.emit('session.connected', { index: 1 });
  await server.settle();
  receiver.answers = [200];
  await server.webhooks.change(webhook.uuid, { enabled: false }, by);
  server.outbox.emit('session.connected', { index: 2 });
  clock.advance(60_000);
  await server.settle();
  expect(receiver.received).toHaveLength(1);
  await server.webhooks.change(webhook.uuid, { enabled: true }, by);
  await server.settle();
  expect(bodies().map(({ data }) => data)).toEqual([{ index: 1 }, { index: 1 }]);
});

test('one that is deleted takes along what waits for it', async () => {
  const { webhook } = await create();
  server.outbox.emit('session.connected', {});
  expect(await server.webhooks.remove(webhook.uuid, by)).toMatchObject({ ok: true });
  await server.settle();
  expect(receiver.received).toEqual([]);
  expect(await server.webhooks.remove(webhook.uuid, by)).toMatchObject({
    error: { code: 'WEBHOOK_NOT_FOUND' },
  });
});

test('a new secret is used from then on', async () => {
  const { webhook, secret } = await create();
  const renewed = await server.webhooks.renewSecret(webhook.uuid, localActor);
  if (!renewed.ok) throw new Error(renewed.error.code);
  expect(renewed.value.secret).not.toBe(secret);
  await server.webhooks.test(webhook.uuid);
  const [received] = receiver.received;
  if (received === undefined) throw new Error('nothing came');
  const { headers, body } = received;
  const key = Buffer.from(renewed.value.secret.slice(6), 'base64');
  const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(text).digest('base64')}`);
});

test('a try says what came of it, and is not repeated', async () => {
  const { webhook } = await create();
  receiver.answers = [418];
  expect(await server.webhooks.test(webhook.uuid)).toMatchObject({
    value: { delivered: false, status: 418, error: 'answered with 418' },
  });
  clock.advance(86_400_000);
  await server.settle();
  expect(bodies()).toMatchObject([{ type: 'webhook.test' }]);
});

test('there are fifty at most', async () => {
  for (let index = 0; index < 50; index += 1) await create();
  const request = { url: receiver.url, events: [], enabled: true };
  expect(await server.webhooks.create(request, localActor)).toMatchObject({
    error: { code: 'WEBHOOK_LIMIT_REACHED' },
  });
});

test('whoever saw another version changes nothing', async () => {
  const { webhook } = await create();
  const first = { actor: localActor, version: 1 };
  expect(await server.webhooks.change(webhook.uuid, { enabled: false }, first)).toMatchObject({ ok: true });
  expect(await server.webhooks.change(webhook.uuid, { enabled: true }, first)).toMatchObject({
    error: { code: 'API_VERSION_CONFLICT' },
  });
  expect(await server.webhooks.remove(webhook.uuid, first)).toMatchObject({
    error: { code: 'API_VERSION_CONFLICT' },
  });
});
