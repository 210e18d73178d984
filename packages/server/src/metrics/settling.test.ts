import { ManualClock } from '@masque-vpn/engine/fake';
import { beforeEach, expect, test } from 'vitest';
import { StubMetrics } from '../testing/stubMetrics.js';

/** How long it takes to tell about one session, milliseconds; a slice has 10. */
const workMs = 3;
const count = 10;

/** Time that passes while sessions are settled, and turns that a test gives. */
class WorkingClock extends ManualClock {
  worked = 0;
  readonly turns: (() => void)[] = [];

  override monotonic(): number {
    return super.monotonic() + this.worked;
  }

  override after(delayMs: number, task: () => void): ReturnType<ManualClock['after']> {
    if (delayMs > 0) return super.after(delayMs, task);
    this.turns.push(task);
    return { cancel: () => undefined, [Symbol.dispose]: () => undefined };
  }
}

let clock: WorkingClock;
let stub: StubMetrics;
/** Sessions that were told about, in order. */
let told: number[];

beforeEach(() => {
  clock = new WorkingClock();
  stub = new StubMetrics({ clock });
  told = [];
  for (let id = 1; id <= count; id += 1) stub.admit(id, 'alice');
});

function endAll(): void {
  for (let id = 1; id <= count; id += 1) {
    stub.metrics.ended(stub.engine.session(id), 'peerFinished', () => {
      clock.worked += workMs;
      told.push(id);
    });
  }
}

test('many sessions that end at once are settled in slices, each once and in order', () => {
  endAll();
  clock.advance(50);
  expect(told).toEqual([1, 2, 3, 4]);
  clock.turns.shift()?.();
  expect(told).toHaveLength(8);
  clock.turns.shift()?.();
  expect(told).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  expect(clock.turns).toEqual([]);
  expect(stub.engine.released).toEqual(told);
});

test('the rest of a slice does not read the engine again', () => {
  endAll();
  clock.advance(50);
  const { snapshots } = stub.engine;
  while (clock.turns.length > 0) clock.turns.shift()?.();
  expect(told).toHaveLength(count);
  expect(stub.engine.snapshots).toBe(snapshots);
});

test('a reading in between goes on with the rest, without a second row of slices', () => {
  endAll();
  clock.advance(50);
  stub.metrics.read();
  expect(told).toHaveLength(8);
  expect(clock.turns).toHaveLength(1);
});

test('whoever waits for all of them hears when the last one is settled', async () => {
  endAll();
  clock.advance(50);
  let isOver = false;
  const settled = stub.metrics.settled().then(() => (isOver = true));
  clock.turns.shift()?.();
  await Promise.resolve();
  expect(isOver).toBe(false);
  clock.turns.shift()?.();
  await settled;
  expect(told).toHaveLength(count);
  await expect(stub.metrics.settled()).resolves.toBeUndefined();
});
