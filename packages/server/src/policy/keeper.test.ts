import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { ManualChanges } from '../servers/testing/manualChanges.js';
import type { Change } from '../store/changes.js';
import { StoreError } from '../store/storeError.js';
import { PolicyBook, type PolicySource } from './book.js';
import { PolicyKeeper } from './keeper.js';
import { MemoryPolicy, type PolicyText } from './testing/memoryPolicy.js';

/** A policy in a store that another server changes as well. */
class Shared {
  readonly followed: (string | null)[] = [];
  readonly names: string[][] = [];
  readonly store = new MemoryPolicy();
  readonly clock = new ManualClock();
  readonly #changes = new ManualChanges();
  /** How often the store fails before it can be read again. */
  failures = 0;
  readonly book = new PolicyBook(this.#failing());
  readonly keeper = new PolicyKeeper({
    book: this.book,
    names: { use: (names) => Promise.resolve(void this.names.push([...names])) },
    changes: this.#changes,
    follow: (clientUuid) => Promise.resolve(void this.followed.push(clientUuid)),
    clock: this.clock,
    logger: pino({ level: 'silent' }),
  });

  /** Another server changed the store, and says so. */
  async hear(text: PolicyText, change: Change): Promise<void> {
    this.store.hold(text);
    this.#changes.hear(change);
    await this.keeper.settled();
  }

  async later(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.keeper.settled();
  }

  #failing(): PolicySource {
    return new Proxy(this.store, {
      get: (store, part: keyof PolicySource) => {
        if (this.failures === 0) return store[part];
        this.failures -= 1;
        throw new StoreError('STORE_UNAVAILABLE', 'gone');
      },
    });
  }
}

const named = { destination: { kind: 'name', name: 'files.example.org' } } as const;

test.each<[Change, PolicyText, (shared: Shared) => unknown, unknown]>([
  [{ kind: 'policy', id: 'rules' }, { rules: [{}, {}] }, ({ book }) => book.rules.length, 2],
  [
    { kind: 'policy', id: 'reach' },
    { prefixes: { nas: ['10.0.0.0/8'] } },
    ({ book }) => book.prefixes.length,
    1,
  ],
  [{ kind: 'group', id: 'staff' }, { members: { alice: ['staff'] } }, ({ book }) => book.groups.length, 1],
  [{ kind: 'resync' }, { rules: [named] }, ({ names }) => names, [['files.example.org']]],
])('%j of another server is read, and live sessions follow', async (change, text, seen, expected) => {
  const shared = new Shared();
  await shared.hear(text, change);
  expect(seen(shared)).toEqual(expected);
  expect(shared.followed).toContain(null);
});

test('a client that came to a group elsewhere is the only one that follows', async () => {
  const shared = new Shared();
  await shared.hear({ groups: { staff: {} } }, { kind: 'resync' });
  shared.followed.length = 0;
  await shared.hear({ members: { alice: ['staff'] } }, { kind: 'client', id: 'alice' });
  expect(shared.followed).toEqual(['alice']);
  expect(shared.book.groupsOf('alice').map(({ slug }) => slug)).toEqual(['staff']);
});

test('what has nothing to do with the policy is left alone, and so is everything after the end', async () => {
  const shared = new Shared();
  await shared.hear({ rules: [{}] }, { kind: 'settings', id: 'x' });
  shared.keeper[Symbol.dispose]();
  await shared.hear({ rules: [{}] }, { kind: 'resync' });
  expect([shared.followed, shared.book.rules]).toEqual([[], []]);
});

test('names of rules that are off are not asked for', async () => {
  const shared = new Shared();
  shared.store.hold({ rules: [{ ...named, enabled: false }] });
  await shared.keeper.rulesChanged();
  expect(shared.names).toEqual([[]]);
});

test.each<Change>([
  { kind: 'policy', id: 'rules' },
  { kind: 'group', id: 'staff' },
  { kind: 'client', id: 'alice' },
  { kind: 'resync' },
])('%j that cannot be read while the database is gone is read when it is back', async (change) => {
  const shared = new Shared();
  shared.failures = 2;
  await shared.hear({ rules: [{}], members: { alice: ['staff'] } }, change);
  expect(shared.followed).toEqual([]);
  await shared.later(500);
  await shared.later(1_000);
  expect(shared.followed).not.toEqual([]);
});

test('what was changed here and cannot be read then is read later', async () => {
  const shared = new Shared();
  shared.store.hold({ rules: [{}] });
  shared.failures = 2;
  await expect(shared.keeper.rulesChanged()).rejects.toThrow('gone');
  await shared.keeper.settled();
  await shared.later(500);
  expect([shared.book.rules.length, shared.followed]).toEqual([1, [null]]);
});
