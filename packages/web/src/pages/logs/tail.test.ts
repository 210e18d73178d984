import { expect, test } from 'vitest';
import { hasText, noFilters, queryOf, streamQueryOf, type LogEntry } from './filters.js';
import { lineOf, linesText, mostLines, Tail } from './tail.js';

const line = (atMs: number, message = 'said'): LogEntry => ({
  atMs,
  level: 'info',
  message,
  clientId: null,
  sessionId: null,
  fields: {},
});
const times = (tail: Tail): readonly number[] => tail.lines.map(({ entry }) => entry.atMs);

test('the newest line is the last', () => {
  const tail = new Tail();
  tail.restart([line(3), line(2)]);
  tail.add(line(4));
  expect(times(tail)).toEqual([2, 3, 4]);
});

test('what came while the list was read is there once', () => {
  const tail = new Tail();
  tail.restart([line(3), line(2)], [line(3), line(4)]);
  expect(times(tail)).toEqual([2, 3, 4]);
});

test('lines wait while it is paused, and come when it goes on', () => {
  const tail = new Tail();
  tail.restart([line(1)]);
  tail.pause(true);
  tail.add(line(2));
  expect([times(tail), tail.waiting]).toEqual([[1], 1]);
  tail.pause(false);
  expect([times(tail), tail.waiting]).toEqual([[1, 2], 0]);
});

test('no more lines are kept than a page can show', () => {
  const tail = new Tail();
  tail.restart([line(0)]);
  for (let at = 1; at <= mostLines; at += 1) tail.add(line(at));
  expect(tail.lines).toHaveLength(mostLines);
  expect(times(tail)[0]).toBe(1);
});

test('a filter that is still being typed is not sent', () => {
  const filters = { ...noFilters, client: 'Al ice', session: '01a2', q: 'x' };
  expect(queryOf(filters)).toEqual({ level: 'info', q: 'x' });
  expect(streamQueryOf({ ...noFilters, level: 'loud' })).toEqual({ level: 'info' });
});

test('live lines are searched as the server searches those before', () => {
  expect(hasText(line(1, 'Request Refused'), 'refused')).toBe(true);
  const event = {
    topic: 'logs',
    type: 'log.line',
    atMs: 5,
    clientId: 'alice',
    sessionId: null,
    data: { level: 'warn', message: 'request refused', fields: { reason: 'X' } },
  } as const;
  expect(lineOf(event, 'nothing of it')).toBeNull();
  expect(lineOf(event, 'ALICE')).toMatchObject({ level: 'warn', clientId: 'alice', fields: { reason: 'X' } });
});

test('a download has one JSON object a line', () => {
  const tail = new Tail();
  tail.restart([line(2), line(1)]);
  expect(
    linesText(tail.lines)
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as unknown),
  ).toEqual([line(1), line(2)]);
});
