import { ManualClock } from '@masque-vpn/engine/fake';
import { expect, test } from 'vitest';
import { sampleOf } from '../testing/exposition.js';
import { LoopLag } from './loopLag.js';
import { Registry } from './registry.js';

const name = 'masque_vpn_event_loop_lag_seconds';

test('a timer that is late counts with how late it is', () => {
  const clock = new ManualClock();
  const registry = new Registry();
  let blockedMs = 0;
  const machine = {
    monotonic: () => clock.monotonic() + blockedMs,
    after: (delayMs: number, task: () => void) => clock.after(delayMs, task),
  };
  using lag = new LoopLag(registry, machine);
  clock.advance(20);
  blockedMs = 30;
  clock.advance(20);
  const text = registry.render();
  expect(sampleOf(text, `${name}_count`)).toBe(2);
  expect(sampleOf(text, `${name}_bucket`, { le: '0.001' })).toBe(1);
  expect(sampleOf(text, `${name}_sum`)).toBeCloseTo(0.03);
  lag[Symbol.dispose]();
  expect(clock.pending).toBe(0);
});
