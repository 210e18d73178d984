import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openStore } from './store.js';
import { isWritten, writeUntil } from './testing/acknowledgedWrites.js';
import { reportCrashes } from './testing/crashReport.js';
import { locationOf, PostgresCluster } from './testing/postgresCluster.js';

const crashes = 2;
let cluster: PostgresCluster;
beforeAll(async () => {
  cluster = await PostgresCluster.create({ durable: true });
  await cluster.createDatabase('crash');
});
afterAll(() => cluster[Symbol.asyncDispose]());

test('every write that PostgreSQL acknowledged is there after all of it was killed; the store comes back by itself', async () => {
  const opened = await openStore({
    location: locationOf(cluster.address, 'crash'),
    clock: { now: () => Date.now() },
    logger: pino({ level: 'silent' }),
  });
  if (!opened.ok) throw opened.error;
  await using store = opened.value;
  let resyncs = 0;
  store.changes.subscribe(({ kind }) => {
    if (kind === 'resync') resyncs += 1;
  });
  const stop = new AbortController();
  const acknowledged: string[] = [];
  const writing = writeUntil(store, stop.signal, 'p', (id) => acknowledged.push(id));
  for (let crash = 1; crash <= crashes; crash += 1) {
    const before = acknowledged.length;
    const patience = { timeout: 60_000, interval: 5 };
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(before + 10 * crash), patience);
    await cluster.kill();
    await vi.waitFor(() => expect(store.available).toBe(false), patience);
    const atCrash = acknowledged.length;
    await cluster.start();
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(atCrash), patience);
    await vi.waitFor(() => expect(resyncs).toBe(crash), patience);
    expect(store.available).toBe(true);
  }
  stop.abort();
  await writing;
  const states = await Promise.all(acknowledged.map((id) => isWritten(store, id)));
  const found = states.filter((state) => state === 'whole').length;
  reportCrashes('postgres-kill', { crashes, acknowledged: acknowledged.length, found });
  expect(states.filter((state) => state !== 'whole')).toEqual([]);
}, 180_000);
