import { pino } from 'pino';
import { expect, test } from 'vitest';
import { ManualClock } from '@masque-vpn/engine/fake';
import { StoreError } from '../store/storeError.js';
import type { Store } from '../store/store.js';
import { temporaryStore } from '../store/testing/temporaryStore.js';
import { Usage, type MeasuredSession } from './usage.js';

const logger = pino({ level: 'silent' });

/** A server's usage over counters that a test sets. */
class Bench {
  readonly bytes = new Map<string, number>();
  readonly quotas = new Map<string, number>();
  readonly exceeded: string[] = [];
  readonly usage: Usage;

  constructor(
    store: Pick<Store, 'atomically' | 'usage'>,
    readonly clock: ManualClock,
  ) {
    this.usage = new Usage({
      store,
      clock,
      logger,
      measure: () => [...this.bytes].map(([sessionUuid, bytesIn]) => measured(sessionUuid, bytesIn)),
      hasQuotas: () => this.quotas.size > 0,
      quotaOf: (clientUuid) => this.quotas.get(clientUuid) ?? null,
      onExceeded: (clientUuid) => this.exceeded.push(clientUuid),
    });
  }
}

/** Sessions are called `client/number`. */
function measured(sessionUuid: string, bytesIn: number): MeasuredSession {
  const [clientSlug = ''] = sessionUuid.split('/');
  const counters = { bytesIn, bytesOut: 0, packetsIn: 0, packetsOut: 0 };
  return { sessionUuid, clientUuid: `uuid-${clientSlug}`, clientSlug, counters };
}

function clockAt(iso: string): ManualClock {
  const clock = new ManualClock();
  clock.advance(Date.parse(iso) - clock.now());
  return clock;
}

async function storedBytes(store: Store, client: string): Promise<number> {
  const days = await store.usage.days(client, '2026-01-01', '2030-12-31');
  return days.reduce((sum, { bytesIn }) => sum + bytesIn, 0);
}

test('what was measured is stored, also what a session moved between the last measure and its end', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const bench = new Bench(store, clockAt('2026-12-30T12:00:00Z'));
  bench.bytes.set('alice/1', 100);
  bench.usage.measure();
  await bench.usage.flush();
  bench.bytes.set('alice/1', 180);
  bench.usage.measure();
  bench.bytes.delete('alice/1');
  bench.usage.ended(measured('alice/1', 200));
  await bench.usage.close();
  expect(await storedBytes(store, 'alice')).toBe(200);
});

test('a batch whose acknowledgement was lost is not counted twice', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  let loseAcknowledgement = false;
  const unsure: Pick<Store, 'atomically' | 'usage'> = {
    usage: store.usage,
    atomically: async (work) => {
      const done = await store.atomically(work);
      if (loseAcknowledgement) throw new StoreError('STORE_UNAVAILABLE', 'connection lost');
      return done;
    },
  };
  const bench = new Bench(unsure, clockAt('2026-12-30T12:00:00Z'));
  bench.bytes.set('alice/1', 100);
  bench.usage.measure();
  loseAcknowledgement = true;
  await expect(bench.usage.flush()).rejects.toThrow('connection lost');
  loseAcknowledgement = false;
  bench.bytes.set('alice/1', 150);
  bench.usage.measure();
  await bench.usage.flush();
  expect(await storedBytes(store, 'alice')).toBe(100);
  await bench.usage.flush();
  expect(await storedBytes(store, 'alice')).toBe(150);
});

test('a client that has used up its quota is reported, and again after a restart', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const clock = clockAt('2026-12-30T12:00:00Z');
  const before = new Bench(store, clock);
  before.quotas.set('uuid-alice', 1_000);
  before.bytes.set('alice/1', 999);
  before.usage.measure();
  expect([before.exceeded, before.usage.isExceeded('uuid-alice')]).toEqual([[], false]);
  before.bytes.set('alice/1', 1_000);
  before.usage.measure();
  expect([before.exceeded, before.usage.isExceeded('uuid-alice')]).toEqual([['uuid-alice'], true]);
  await before.usage.close();

  const after = new Bench(store, clock);
  after.usage.learn(await store.usage.bytesOfMonth('2026-12'));
  after.quotas.set('uuid-alice', 1_000);
  expect(after.usage.isExceeded('uuid-alice')).toBe(true);
  after.quotas.set('uuid-alice', 2_000);
  expect(after.usage.isExceeded('uuid-alice')).toBe(false);
});

test('a new month begins at nothing, also for a session that lasts', async () => {
  await using temporary = await temporaryStore();
  const bench = new Bench(temporary.store, clockAt('2026-12-31T23:59:50Z'));
  bench.quotas.set('uuid-alice', 100);
  bench.bytes.set('alice/1', 100);
  bench.usage.measure();
  expect(bench.usage.isExceeded('uuid-alice')).toBe(true);
  bench.clock.advance(20_000);
  expect(bench.usage.isExceeded('uuid-alice')).toBe(false);
  bench.bytes.set('alice/1', 130);
  bench.usage.measure();
  expect(bench.usage.monthBytes('uuid-alice')).toBe(30);
  await bench.usage.flush();
  expect(bench.usage.monthBytes('uuid-alice')).toBe(30);
  expect(await temporary.store.usage.bytesOfMonth('2026-12')).toEqual(new Map([['uuid-alice', 100]]));
  expect(await temporary.store.usage.bytesOfMonth('2027-01')).toEqual(new Map([['uuid-alice', 30]]));
});

test('what other servers on the same database counted counts here too', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const clock = clockAt('2026-12-30T12:00:00Z');
  const [here, there] = [new Bench(store, clock), new Bench(store, clock)];
  for (const bench of [here, there]) bench.quotas.set('uuid-alice', 150);
  there.bytes.set('alice/2', 100);
  there.usage.measure();
  await there.usage.flush();
  here.bytes.set('alice/1', 60);
  here.usage.measure();
  expect(here.usage.isExceeded('uuid-alice')).toBe(false);
  await here.usage.flush();
  expect(here.usage.monthBytes('uuid-alice')).toBe(160);
  expect(here.usage.isExceeded('uuid-alice')).toBe(true);
});

test('is measured every second only while somebody has a quota', async () => {
  await using temporary = await temporaryStore();
  const bench = new Bench(temporary.store, clockAt('2026-12-30T12:00:00Z'));
  bench.bytes.set('alice/1', 10);
  bench.usage.watch();
  expect(bench.usage.monthBytes('uuid-alice')).toBe(0);
  bench.quotas.set('uuid-bob', 1);
  bench.usage.watch();
  expect(bench.usage.monthBytes('uuid-alice')).toBe(10);
});
