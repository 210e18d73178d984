import { expect, test } from 'vitest';

import { currentOwner, isRunning, parseStartTicks } from './owner.js';

const stat = (name: string, state: string): string =>
  `4711 (${name}) ${state} 1 4711 4711 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 987654 1000000 200`;

test('reads the start time past a program name with spaces and parentheses', () => {
  expect(parseStartTicks(stat('a) b (c', 'S'))).toBe(987_654);
});

test('a zombie does not run', () => {
  expect(parseStartTicks(stat('node', 'Z'))).toBeNull();
});

test('this process runs; the same pid with another start time was somebody else', async () => {
  const owner = await currentOwner();
  expect(owner.pid).toBe(process.pid);
  expect(await isRunning(owner.pid, owner.startTicks)).toBe(true);
  expect(await isRunning(owner.pid, owner.startTicks + 1)).toBe(false);
});
