import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Change, Changes } from '../store/changes.js';
import { PolicyBook } from './book.js';
import { PolicyKeeper } from './keeper.js';
import { MemoryPolicy, type PolicyText } from './testing/memoryPolicy.js';

/** A policy in a store that another server changes as well. */
class Shared {
  readonly followed: (string | null)[] = [];
  readonly names: string[][] = [];
  readonly store = new MemoryPolicy();
  readonly book = new PolicyBook(this.store);
  readonly keeper: PolicyKeeper;
  #listener: ((change: Change) => void) | null = null;

  constructor() {
    const changes: Changes = {
      publish: () => Promise.resolve(),
      subscribe: (listener) => {
        this.#listener = listener;
        return { [Symbol.dispose]: () => (this.#listener = null) };
      },
    };
    this.keeper = new PolicyKeeper({
      book: this.book,
      names: { use: (names) => Promise.resolve(void this.names.push([...names])) },
      changes,
      follow: (clientUuid) => Promise.resolve(void this.followed.push(clientUuid)),
      logger: pino({ level: 'silent' }),
    });
  }

  /** Another server changed the store, and says so. */
  async hear(text: PolicyText, change: Change): Promise<void> {
    this.store.hold(text);
    this.#listener?.(change);
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
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
