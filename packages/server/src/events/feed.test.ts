import { expect, test } from 'vitest';
import { LiveFeed } from './feed.js';
import type { LiveEvent } from './liveEvent.js';

const clock = { now: () => 5.5 };

test('a listener gets every event of its topics, numbered across topics, until it leaves', () => {
  const feed = new LiveFeed(clock);
  const heard: LiveEvent[] = [];
  const subscription = feed.subscribe(['sessions', 'audit'], (event) => heard.push(event));
  feed.publish({ topic: 'sessions', type: 'session.opened', clientId: 'alice', data: { a: 1 } });
  feed.publish({ topic: 'logs', type: 'log', data: null });
  feed.publish({ topic: 'audit', type: 'audit.added', data: null });
  subscription[Symbol.dispose]();
  feed.publish({ topic: 'audit', type: 'audit.added', data: null });
  expect(heard.map(({ number, topic }) => [number, topic])).toEqual([
    [1, 'sessions'],
    [3, 'audit'],
  ]);
  expect(heard[0]).toEqual({
    number: 1,
    topic: 'sessions',
    type: 'session.opened',
    atMs: 5,
    clientId: 'alice',
    sessionId: null,
    data: { a: 1 },
  });
  expect(feed.heard('audit')).toBe(false);
});

test('who was away gets what it missed, in order', () => {
  const feed = new LiveFeed(clock);
  for (const topic of ['sessions', 'audit', 'sessions', 'clients'] as const) {
    feed.publish({ topic, type: topic, data: null });
  }
  const missed = feed.since(['audit', 'sessions'], 1);
  expect(missed.events.map(({ number }) => number)).toEqual([2, 3]);
  expect(missed.complete).toBe(true);
});

test('who was away for too long learns that there was more', () => {
  const feed = new LiveFeed(clock);
  for (let index = 0; index < 510; index += 1) feed.publish({ topic: 'audit', type: 'added', data: index });
  expect(feed.since(['audit'], 9)).toMatchObject({ complete: false });
  const missed = feed.since(['audit'], 10);
  expect(missed.complete).toBe(true);
  expect(missed.events.map(({ number }) => number)).toEqual(
    Array.from({ length: 500 }, (_, index) => index + 11),
  );
  expect(feed.since(['sessions'], 9)).toMatchObject({ complete: true, events: [] });
});

test('a number that was never given is of another run: nothing of it can be completed', () => {
  expect(new LiveFeed(clock).since(['audit'], 7)).toEqual({ events: [], complete: false });
});
