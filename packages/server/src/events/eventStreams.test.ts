import { ManualClock } from '@masque-vpn/engine/fake';
import { beforeEach, describe, expect, test } from 'vitest';
import { EventStreams } from './eventStreams.js';
import type { EventStream } from './eventStream.js';
import { LiveFeed } from './feed.js';
import type { Topic } from './liveEvent.js';

let clock: ManualClock;
let feed: LiveFeed;
let streams: EventStreams;
let metering: number;

beforeEach(() => {
  clock = new ManualClock(1_000);
  feed = new LiveFeed(clock);
  metering = 0;
  const start = (): Disposable => {
    metering += 1;
    return { [Symbol.dispose]: () => void (metering -= 1) };
  };
  streams = new EventStreams({ feed, clock, sources: [{ topic: 'metrics', start }] });
});

function open(
  topics: readonly Topic[] = ['sessions'],
  lastEventId: string | null = null,
  accepts: () => boolean = () => true,
): EventStream {
  const opened = streams.open({ topics, accepts, lastEventId, actor: 'administrator alice' });
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}

/** What has been sent so far, as name and data of each event, and the ids. */
function received(stream: EventStream) {
  const text = String(stream.read() ?? '');
  return [...text.matchAll(/id: (\S+)\nevent: (\S+)\ndata: (.*)\n\n/g)].map(
    ([, id = '', name, data = '']) => ({
      id,
      name,
      data: JSON.parse(data) as { readonly type?: string; readonly data?: unknown },
    }),
  );
}
const publish = (type: string, topic: Topic = 'sessions') => feed.publish({ topic, type, data: type });
const types = (stream: EventStream) => received(stream).map(({ name, data }) => data.type ?? name);

test('begins with where it stands, then sends what happens, of its topics only', () => {
  publish('before');
  const stream = open();
  publish('session.opened');
  publish('audit.added', 'audit');
  const [ready, opened, ...rest] = received(stream);
  expect([ready?.name, opened?.name, opened?.data, rest]).toEqual([
    'ready',
    'sessions',
    { type: 'session.opened', atMs: 1_000, clientId: null, sessionId: null, data: 'session.opened' },
    [],
  ]);
});

test('sends only what is accepted', () => {
  const stream = open(['sessions'], null, () => false);
  publish('session.opened');
  expect(types(stream)).toEqual(['ready']);
});

describe('a listener that was away', () => {
  test('gets what it missed', () => {
    const first = open();
    publish('one');
    const last = received(first).at(-1)?.id ?? null;
    first.destroy();
    publish('two');
    publish('three');
    expect(types(open(['sessions'], last))).toEqual(['ready', 'two', 'three']);
  });

  test('resumes also when nothing happened while it listened', () => {
    const ready = received(open()).at(0)?.id ?? null;
    publish('one');
    expect(types(open(['sessions'], ready))).toEqual(['ready', 'one']);
  });

  test('too long is told to begin anew', () => {
    const id = received(open()).at(0)?.id ?? null;
    for (let index = 0; index < 1_001; index += 1) publish('many');
    expect(types(open(['sessions'], id))).toEqual(['resync']);
  });

  test.each(['0123abcd-1', 'nonsense', '', `${'9'.repeat(40)}-1`])(
    'since another run, or with an id that is none, is told to begin anew: %j',
    (id) => {
      expect(types(open(['sessions'], id))).toEqual(['resync']);
    },
  );
});

test('a listener that does not keep up is cut off, and costs no more memory than its bound', async () => {
  const stream = open();
  for (let index = 0; index < 1_000; index += 1) {
    feed.publish({ topic: 'sessions', type: 'big', data: 'x'.repeat(10_000) });
  }
  expect(stream.readableLength).toBeLessThan(600_000);
  const names = received(stream).map(({ name }) => name);
  expect([names.at(0), names.at(-1)]).toEqual(['ready', 'resync']);
  expect(feed.heard('sessions')).toBe(false);
  stream.read();
  await new Promise((resolve) => stream.once('close', resolve));
  expect(streams.size).toBe(0);
});

test('an idle stream is kept alive by comments, and ends after a quarter of an hour', async () => {
  const stream = open();
  stream.read();
  clock.advance(15_000);
  expect(String(stream.read())).toBe(': \n\n');
  clock.advance(15 * 60_000);
  const closed = new Promise((resolve) => stream.once('close', resolve));
  stream.resume();
  await closed;
  expect(clock.pending).toBe(0);
});

test('an actor has sixteen streams at most, all together 128; one that is gone counts no more', async () => {
  const own = Array.from({ length: 16 }, () => open());
  const request = { topics: ['audit'], accepts: () => true, lastEventId: null } as const;
  const code = (actor: string) => {
    const opened = streams.open({ ...request, actor });
    return opened.ok ? null : opened.error.code;
  };
  expect(code('administrator alice')).toBe('API_TOO_MANY_STREAMS');
  for (let index = 0; index < 112; index += 1) expect(code(`token ${index}`)).toBeNull();
  expect(code('administrator bob')).toBe('API_TOO_MANY_STREAMS');
  const closed = new Promise((resolve) => own[0]?.once('close', resolve));
  own[0]?.destroy();
  await closed;
  expect(code('administrator alice')).toBeNull();
});

test('what only listeners need runs only while there is one', async () => {
  const [first, second] = [open(['metrics', 'sessions']), open(['metrics'])];
  expect(metering).toBe(1);
  for (const stream of [first, second]) {
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy();
    await closed;
  }
  expect(metering).toBe(0);
});
