import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localActor } from '../audit/actor.js';
import { ManualChanges } from '../servers/testing/manualChanges.js';
import { StoreError } from '../store/storeError.js';
import { temporaryStore, type TemporaryStore } from '../store/testing/temporaryStore.js';
import { RuntimeSettings } from './runtimeSettings.js';

let temporary: TemporaryStore;
beforeEach(async () => {
  temporary = await temporaryStore();
});
afterEach(() => temporary[Symbol.asyncDispose]());

const load = () =>
  RuntimeSettings.load({
    store: temporary.store,
    clock: { now: () => 7, after: () => ({ cancel: () => undefined }) },
    logger: pino({ level: 'silent' }),
  });
const by = (version: number | null) => ({ actor: localActor, version });

test('are defaults until somebody changes one, which is remembered and audited', async () => {
  const settings = await load();
  expect(settings.values).toMatchObject({ defaultGroups: ['default'], enrolmentLifetimeHours: 24 });
  expect(await settings.change({ enrolmentLifetimeHours: 7 }, by(1))).toMatchObject({ ok: true });
  expect((await load()).values).toEqual({ ...settings.values, enrolmentLifetimeHours: 7 });
  expect(settings.version).toBe(2);
  expect(await temporary.store.audit.list()).toMatchObject([
    { at: 7, action: 'settings.update', actor: { kind: 'local' }, detail: { enrolmentLifetimeHours: 7 } },
  ]);
});

test('are not changed by whoever saw another version, and then nothing is audited', async () => {
  const settings = await load();
  await settings.change({ auditDays: 1 }, by(null));
  expect(await settings.change({ auditDays: 2 }, by(1))).toMatchObject({
    ok: false,
    error: { code: 'API_VERSION_CONFLICT' },
  });
  expect(settings.values.auditDays).toBe(1);
  expect(await temporary.store.audit.list()).toHaveLength(1);
});

test('follow another server when told to', async () => {
  const [one, other] = [await load(), await load()];
  await one.change({ auditDays: 5 }, by(null));
  expect(other.values.auditDays).not.toBe(5);
  await other.reload();
  expect(other.values.auditDays).toBe(5);
});

test('that are not understood are defaults', async () => {
  await temporary.store.settings.set('runtime', '{"version":3,"values":{"fromTheFuture":1}}');
  expect(await load()).toMatchObject({ version: 1, values: { auditDays: 730 } });
});

test('that another server changed while the database could not be read are read when it can', async () => {
  const { store } = temporary;
  const [changes, clock] = [new ManualChanges(), new ManualClock()];
  let lost = false;
  const get = store.settings.get.bind(store.settings);
  store.settings.get = async (key) => {
    if (lost) throw new StoreError('STORE_UNAVAILABLE', 'gone');
    return get(key);
  };
  const mine = {
    settings: store.settings,
    atomically: () => Promise.reject(new Error('nothing is changed here')),
    changes,
  };
  using here = await RuntimeSettings.load({ store: mine, clock, logger: pino({ level: 'silent' }) });
  await (await load()).change({ auditDays: 5 }, by(null));
  lost = true;
  changes.hear({ kind: 'settings', id: 'runtime' });
  await here.settled();
  lost = false;
  expect(here.values.auditDays).not.toBe(5);
  clock.advance(500);
  await here.settled();
  expect(here.values.auditDays).toBe(5);
});
