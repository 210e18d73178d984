import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Change } from '../store/changes.js';
import { ChangeFollower } from './changeFollower.js';
import { ManualChanges } from './testing/manualChanges.js';

let clock: ManualClock;
let follower: ChangeFollower;
let changes: ManualChanges;
/** What was read, a text per call. */
let reads: string[];
/** Called while something is read. */
let whileReading: () => void;

beforeEach(() => {
  clock = new ManualClock();
  changes = new ManualChanges();
  reads = [];
  whileReading = () => undefined;
  const read = async (what: string): Promise<void> => {
    await Promise.resolve();
    reads.push(what);
    const once = whileReading;
    whileReading = () => undefined;
    once();
  };
  follower = new ChangeFollower({
    changes,
    concerns: ({ kind, id }) => (kind === 'server' ? 'everything' : kind === 'group' ? { id } : null),
    read: (ids) => read(ids.join(' ')),
    readEverything: () => read('everything'),
    clock,
    logger: pino({ level: 'silent' }),
  });
});
afterEach(() => follower[Symbol.dispose]());

const changed = (...ids: readonly string[]): void => {
  for (const id of ids) changes.hear({ kind: 'group', id });
};
const fail = (): never => {
  throw new Error('gone');
};

test('what changes is read, each once, and nothing of other kinds', async () => {
  changed('a', 'b', 'b');
  changes.hear({ kind: 'client', id: 'c' });
  await follower.settled();
  expect(reads).toEqual(['a', 'b']);
});

test('what changes while it is read is read once more', async () => {
  whileReading = () => changed('a', 'b');
  changed('a');
  await follower.settled();
  expect(reads).toEqual(['a', 'a b']);
});

test('much at once is read in parts', async () => {
  whileReading = () => changed(...Array.from({ length: 450 }, (_, index) => String(index)));
  changed('first');
  await follower.settled();
  expect(reads.map((ids) => ids.split(' ').length)).toEqual([1, 200, 200, 50]);
});

test.each<Change>([{ kind: 'resync' }, { kind: 'server', id: 'x' }])(
  'after %o all is read',
  async (change) => {
    changes.hear(change);
    await follower.settled();
    expect(reads).toEqual(['everything']);
  },
);

test('what cannot be read is read again half a second later, with what came meanwhile', async () => {
  whileReading = fail;
  changed('a');
  await follower.settled();
  changed('b');
  await follower.settled();
  clock.advance(500);
  await follower.settled();
  expect([reads.slice(0, 1), reads.slice(1).join(' ').split(' ').toSorted()]).toEqual([['a'], ['a', 'b']]);
  whileReading = fail;
  follower.readAgain();
  await follower.settled();
  clock.advance(500);
  await follower.settled();
  expect(reads.slice(-2)).toEqual(['everything', 'everything']);
});

test('whoever is gone for long is asked less and less often, and after an answer as often as at first', async () => {
  const refuse = (): never => {
    whileReading = refuse;
    throw new Error('gone');
  };
  const attempts = async (afterMs: number): Promise<number> => {
    const before = reads.length;
    clock.advance(afterMs);
    await follower.settled();
    return reads.length - before;
  };
  whileReading = refuse;
  follower.readAgain();
  await follower.settled();
  for (const waitMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000]) {
    expect([waitMs, await attempts(waitMs - 1), await attempts(1)]).toEqual([waitMs, 0, 1]);
  }
  whileReading = () => undefined;
  expect([await attempts(16_000), await attempts(60_000)]).toEqual([1, 0]);
  whileReading = fail;
  follower.readAgain();
  await follower.settled();
  expect([await attempts(499), await attempts(1)]).toEqual([0, 1]);
});

test('news is a reason to ask at once, and not once more later', async () => {
  whileReading = fail;
  changed('a');
  await follower.settled();
  changes.hear({ kind: 'resync' });
  await follower.settled();
  clock.advance(60_000);
  await follower.settled();
  expect(reads).toEqual(['a', 'everything', 'a']);
});

test('nothing is read when it is over', async () => {
  whileReading = fail;
  changed('a');
  await follower.settled();
  follower[Symbol.dispose]();
  clock.advance(500);
  changed('b');
  await follower.settled();
  expect(reads).toEqual(['a']);
});
