import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveStream, type LiveEvent, type Source } from './stream.js';

/** An `EventSource` that does what a test says. */
class ManualSource implements Source {
  readyState = 0;
  readonly #listeners = new Map<string, (event: never) => void>();

  constructor(readonly url: string) {}

  addEventListener(type: string, listener: unknown): void {
    this.#listeners.set(type, listener as (event: never) => void);
  }

  close(): void {
    this.readyState = 2;
  }

  emit(type: string, lastEventId = '', data: unknown = {}): void {
    this.#listeners.get(type)?.({ lastEventId, data: JSON.stringify(data) } as never);
  }

  /** The server refuses, so that the browser does not try again. */
  refuse(): void {
    this.readyState = 2;
    this.emit('error');
  }
}

let sources: ManualSource[];
let events: LiveEvent[];
let resyncs: number;
let stream: LiveStream;

beforeEach(() => {
  vi.useFakeTimers();
  sources = [];
  events = [];
  resyncs = 0;
  stream = new LiveStream({
    topics: ['sessions', 'audit'],
    open: (url) => {
      const source = new ManualSource(url);
      sources.push(source);
      return source;
    },
    onEvent: (event) => events.push(event),
    onResync: () => (resyncs += 1),
  });
  stream.start();
});
afterEach(() => {
  stream[Symbol.dispose]();
  vi.useRealTimers();
});

const latest = (): ManualSource => {
  const source = sources.at(-1);
  if (source === undefined) throw new Error('nothing was opened');
  return source;
};
const query = (): URLSearchParams => new URL(latest().url, 'http://localhost').searchParams;

test('asks for its topics, and tells events with the topic they came under', () => {
  expect(query().get('topics')).toBe('sessions,audit');
  expect(stream.state.value).toBe('connecting');
  latest().emit('ready', 'run-1');
  expect(stream.state.value).toBe('live');
  const data = { type: 'session.opened', atMs: 5, clientId: 'alice', sessionId: null, data: {} };
  latest().emit('sessions', 'run-2', data);
  expect(events).toEqual([{ topic: 'sessions', ...data }]);
});

test('after a refusal it comes back by itself, ever more slowly, and goes on where it stopped', () => {
  latest().emit('ready', 'run-1');
  latest().emit('audit', 'run-7', { type: 'audit.added' });
  latest().refuse();
  expect(stream.state.value).toBe('lost');
  vi.advanceTimersByTime(999);
  expect(sources).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(sources).toHaveLength(2);
  expect(query().get('lastEventId')).toBe('run-7');
  latest().refuse();
  vi.advanceTimersByTime(1_999);
  expect(sources).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(sources).toHaveLength(3);
  latest().emit('ready', 'run-8');
  expect(stream.state.value).toBe('live');
});

test('a loss that the browser mends by itself opens nothing new', () => {
  latest().emit('ready', 'run-1');
  latest().emit('error');
  expect(stream.state.value).toBe('lost');
  vi.advanceTimersByTime(60_000);
  expect(sources).toHaveLength(1);
  latest().emit('ready', 'run-1');
  expect(stream.state.value).toBe('live');
});

test('what was missed for good is said', () => {
  latest().emit('resync', 'other-9');
  expect([resyncs, stream.state.value]).toEqual([1, 'live']);
});

test('a pause closes the connection; going on asks for what came meanwhile', () => {
  latest().emit('ready', 'run-4');
  stream.pause();
  expect([latest().readyState, stream.state.value]).toEqual([2, 'off']);
  vi.advanceTimersByTime(60_000);
  expect(sources).toHaveLength(1);
  stream.start();
  expect(query().get('lastEventId')).toBe('run-4');
});
