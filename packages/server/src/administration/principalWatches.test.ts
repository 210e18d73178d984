import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { socketPrincipal, type Principal } from './principal.js';
import { PrincipalWatches } from './principalWatches.js';

const listener: Principal = {
  ...socketPrincipal,
  via: { kind: 'token', tokenUuid: '1', administratorUuid: null },
};

function watched(principal: Principal): {
  /** What the principal is at the next look; an error is thrown. */
  readonly next: { now: Principal | Error | null };
  readonly lost: number;
  readonly clock: ManualClock;
  readonly watch: Disposable;
  pass(): Promise<void>;
} {
  const clock = new ManualClock();
  const next: { now: Principal | Error | null } = { now: principal };
  const again = async (): Promise<Principal | null> => {
    if (next.now instanceof Error) throw next.now;
    return next.now;
  };
  const watches = new PrincipalWatches({
    ...{ clock, sessions: { again }, tokens: { again } },
    logger: pino({ level: 'silent' }),
  });
  let lost = 0;
  const watch = watches.watch(
    principal,
    ({ permissions }) => permissions.has('audit:read'),
    () => (lost += 1),
  );
  return {
    next,
    clock,
    watch,
    get lost() {
      return lost;
    },
    pass: async () => {
      clock.advance(10_000);
      await turn();
    },
  };
}

test('a stream goes on as long as its listener may have it, and ends once', async () => {
  const it = watched(listener);
  await it.pass();
  await it.pass();
  expect(it.lost).toBe(0);
  it.next.now = null;
  await it.pass();
  await it.pass();
  expect([it.lost, it.clock.pending]).toEqual([1, 0]);
});

test('a stream ends with the permission', async () => {
  const it = watched(listener);
  it.next.now = { ...listener, permissions: new Set(['clients:read']) };
  await it.pass();
  expect(it.lost).toBe(1);
});

test('a stream outlives a database that is away, and not what is found out after', async () => {
  const it = watched(listener);
  it.next.now = new Error('away');
  await it.pass();
  expect(it.lost).toBe(0);
  it.next.now = null;
  await it.pass();
  expect(it.lost).toBe(1);
});

test('nobody looks after root, nor after the stream ended', async () => {
  expect(watched(socketPrincipal).clock.pending).toBe(0);
  const it = watched(listener);
  it.watch[Symbol.dispose]();
  expect(it.clock.pending).toBe(0);
});
