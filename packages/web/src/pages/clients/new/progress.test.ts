import { expect, test } from 'vitest';
import { progressOf } from './progress.js';

test('a link that was made is the first step, whatever else is not known yet', () => {
  expect(progressOf(undefined, [], 100)).toBe('made');
  expect(progressOf({ state: 'open' }, [], 100)).toBe('made');
  expect(progressOf({ state: 'redeemed' }, [], 100)).toBe('enrolled');
});

test('a session without a packet of the client is a connection only', () => {
  expect(progressOf({ state: 'redeemed' }, [{ packetsReceived: 0, startedAtMs: 100 }], 100)).toBe(
    'connected',
  );
  expect(progressOf({ state: 'redeemed' }, [{ packetsReceived: 1, startedAtMs: 100 }], 100)).toBe('packet');
});

test('sessions of the time before the link do not count', () => {
  expect(progressOf({ state: 'open' }, [{ packetsReceived: 9, startedAtMs: 99 }], 100)).toBe('made');
});
