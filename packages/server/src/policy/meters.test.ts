import type { MeterOptions } from '@masque-vpn/engine';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { Meters } from './meters.js';

test('a meter is shared by its users, follows the rate, and goes with the last of them', () => {
  const known = new Map<number, MeterOptions>();
  const engine = {
    setMeter: (id: number, meter: MeterOptions) => {
      known.set(id, meter);
      return { ok: true as const, value: undefined };
    },
    dropMeter: (id: number) => void known.delete(id),
  };
  const meters = new Meters(engine, pino({ level: 'silent' }));
  const first = meters.take('client/alice/up', 1_000_000);
  expect(meters.take('client/alice/up', 8_000_000)).toBe(first);
  expect(meters.take('client/alice/down', 8_000_000)).not.toBe(first);
  // 250 ms of the rate, and never less than TCP needs.
  expect(known.get(first)).toEqual({ bytesPerSecond: 8_000_000, burstBytes: 2_000_000 });
  meters.take('group/staff/up', 1_000);
  expect([...known.values()].at(-1)).toEqual({ bytesPerSecond: 1_000, burstBytes: 262_144 });
  meters.release('client/alice/up');
  expect(known.has(first)).toBe(true);
  meters.release('client/alice/up');
  expect(known.has(first)).toBe(false);
  meters.release('client/alice/up');
  expect(meters.size).toBe(2);
});
