import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Refresher, staleKeys } from './refresher.js';
import type { LiveEvent, Topic } from './stream.js';

const event = (topic: Topic, type: string, data: unknown = {}): LiveEvent => ({
  topic,
  type,
  data,
  atMs: 0,
  clientId: null,
  sessionId: null,
});

const refetchQueries = vi.fn(async () => undefined);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('an event makes lists old, an audited change those of its noun', () => {
  expect(staleKeys(event('sessions', 'session.opened'))).toContain('clients');
  expect(staleKeys(event('audit', 'audit.added', { action: 'rule.update' }))).toEqual([
    'audit',
    'rules',
    'groups',
  ]);
  expect(staleKeys(event('audit', 'audit.added', null))).toEqual(['audit']);
  expect(staleKeys(event('metrics', 'metrics.sample'))).toEqual([]);
});

test('however much happens, a list is read again once a second', () => {
  const invalidateQueries = vi.fn(async () => undefined);
  using refresher = new Refresher({ invalidateQueries, refetchQueries });
  for (let index = 0; index < 500; index += 1) refresher.hear(event('clients', 'client.updated'));
  expect(invalidateQueries).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  const keys = invalidateQueries.mock.calls.map((call: readonly unknown[]) => call[0]);
  expect(keys).toHaveLength(new Set(keys.map((key) => JSON.stringify(key))).size);
  expect(keys).toContainEqual({ queryKey: ['clients'] });
  invalidateQueries.mockClear();
  vi.advanceTimersByTime(5_000);
  expect(invalidateQueries).not.toHaveBeenCalled();
});
