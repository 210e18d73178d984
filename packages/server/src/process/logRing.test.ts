import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { createLogger } from './logging.js';
import { LogRing, type LogEntry, type LogQuery } from './logRing.js';

const everything: LogQuery = {
  level: null,
  clientId: null,
  sessionId: null,
  text: null,
  before: null,
  limit: 100,
};

let ring: LogRing;
let logger: pino.Logger;
beforeEach(() => {
  ring = new LogRing();
  logger = createLogger({ level: 'debug', format: 'json', target: ring });
});
const messages = (query: Partial<LogQuery> = {}) =>
  ring.list({ ...everything, ...query }).map(({ message }) => message);

test('lines come back in parts, the newest first', () => {
  logger.info({ clientId: 'alice', sessionId: 's1', remoteAddress: '192.0.2.1:5' }, 'session opened');
  logger.warn('odd');
  expect(ring.list(everything)).toMatchObject([
    { number: 2, level: 'warn', message: 'odd', clientId: null, fields: {} },
    { number: 1, clientId: 'alice', sessionId: 's1', fields: { remoteAddress: '192.0.2.1:5' } },
  ]);
});

test('filters by level, client, session and text, and goes back page by page', () => {
  logger.debug({ clientId: 'alice' }, 'one');
  logger.info({ clientId: 'bob', sessionId: 's2' }, 'two');
  logger.error({ detail: 'alice' }, 'three');
  expect(messages({ level: 'info' })).toEqual(['three', 'two']);
  expect(messages({ clientId: 'alice' })).toEqual(['one']);
  expect(messages({ sessionId: 's2' })).toEqual(['two']);
  expect(messages({ text: 'ALICE' })).toEqual(['three', 'one']);
  expect(messages({ before: 3 })).toEqual(['two', 'one']);
  expect(messages({ limit: 1 })).toEqual(['three', 'two']);
});

test('is bounded in lines and in bytes', () => {
  for (let index = 0; index < 25_000; index += 1) ring.write('{}\n');
  expect(ring.size.lines).toBe(10_000);
  const long = `{"msg":"${'x'.repeat(1_000_000)}"}\n`;
  for (let index = 0; index < 20; index += 1) ring.write(long);
  expect(ring.size.bytes).toBeLessThanOrEqual(8_000_000);
  expect(ring.size.lines).toBe(7);
});

test('lines that are no JSON are skipped', () => {
  ring.write('not json\n');
  ring.write('3\n');
  expect(ring.list(everything)).toEqual([]);
});

test('a listener hears of each line until it leaves', () => {
  const heard: LogEntry[] = [];
  const listening = ring.listen((entry) => heard.push(entry));
  logger.info('one');
  listening[Symbol.dispose]();
  logger.info('two');
  expect(heard.map(({ message }) => message)).toEqual(['one']);
});
