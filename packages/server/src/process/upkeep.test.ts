import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { Upkeep } from './upkeep.js';

const silent = pino({ level: 'silent' });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a chore comes again after each end, also after a failure', async () => {
  const clock = new ManualClock();
  const upkeep = new Upkeep(clock, silent);
  let runs = 0;
  upkeep.every(1_000, 'sweep', () => {
    runs += 1;
    throw new Error('today not');
  });
  for (let second = 0; second < 3; second += 1) {
    clock.advance(1_000);
    await turn();
  }
  expect(runs).toBe(3);
});

test('a chore that takes long is not started twice', async () => {
  const clock = new ManualClock();
  const upkeep = new Upkeep(clock, silent);
  let runs = 0;
  upkeep.every(1_000, 'slow', () => {
    runs += 1;
    return new Promise(() => undefined);
  });
  clock.advance(5_000);
  await turn();
  clock.advance(5_000);
  expect(runs).toBe(1);
});

test('nothing runs after the stop', async () => {
  const clock = new ManualClock();
  const upkeep = new Upkeep(clock, silent);
  let runs = 0;
  upkeep.every(1_000, 'sweep', () => (runs += 1));
  clock.advance(1_000);
  upkeep.stop();
  await turn();
  clock.advance(10_000);
  expect([runs, clock.pending]).toEqual([1, 0]);
});
