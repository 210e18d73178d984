import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Change } from '../store/changes.js';
import { ChangeFollower } from './changeFollower.js';

let clock: ManualClock;
let follower: ChangeFollower;
let hear: (change: Change) => void;
/** What was read, a text per call. */
let reads: string[];
/** Called while something is read. */
let whileReading: () => void;

beforeEach(() => {
  clock = new ManualClock();
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
    changes: {
      subscribe: (listener) => {
        hear = listener;
        return { [Symbol.dispose]: () => undefined };
      },
    },
    kind: 'group',
    wholesaleKind: 'server',
    read: (ids) => read(ids.join(' ')),
    readEverything: () => read('everything'),
    clock,
    logger: pino({ level: 'silent' }),
  });
});
afterEach(() => follower[Symbol.dispose]());

const changed = (...ids: readonly string[]): void => {
  for (const id of ids) hear({ kind: 'group', id });
};
const fail = (): never => {
  throw new Error('gone');
};

test('what changes is read, each once, and nothing of other kinds', async () => {
  changed('a', 'b', 'b');
  hear({ kind: 'client', id: 'c' });
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
    hear(change);
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
