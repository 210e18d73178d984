import { ManualClock } from '@masque-vpn/engine/fake';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Poster, type PosterOptions } from './post.js';
import { Targets } from './target.js';
import { Receiver } from './testing/receiver.js';

let receiver: Receiver;
const clock = new ManualClock();
const lax = new Targets({ allowPrivate: true, own: [] });
const strict = new Targets({ allowPrivate: false, own: [] });
const never = new AbortController().signal;

beforeEach(async () => {
  receiver = await Receiver.open();
});
afterEach(() => receiver[Symbol.asyncDispose]());

const poster = (changed: Partial<PosterOptions> = {}) =>
  new Poster({ targets: lax, clock, userAgent: 'masque-vpn/test', ...changed });

test('sends what it is given, and is content with any 2xx', async () => {
  receiver.answers = [204];
  const outcome = await poster().post(`${receiver.url}hook?x=1`, '{"ä":1}', { 'webhook-id': 'one' }, never);
  expect(outcome).toEqual({ delivered: true, status: 204 });
  expect(receiver.received).toMatchObject([
    {
      path: '/hook?x=1',
      body: '{"ä":1}',
      headers: {
        'webhook-id': 'one',
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'masque-vpn/test',
      },
    },
  ]);
});

test.each([
  [500, 'answered with 500'],
  [404, 'answered with 404'],
  [302, 'answered with 302: redirections are not followed'],
  [307, 'answered with 307: redirections are not followed'],
])('%i is no delivery, and nothing is followed', async (status, error) => {
  receiver.answers = [status];
  const outcome = await poster().post(receiver.url, '{}', {}, never);
  expect(outcome).toEqual({ delivered: false, status, error });
  expect(receiver.received).toHaveLength(1);
});

test('gives up on who does not answer', async () => {
  receiver.answers = ['nothing'];
  const posting = poster({ timeoutMs: 3_000 }).post(receiver.url, '{}', {}, never);
  await expect.poll(() => receiver.received.length).toBe(1);
  clock.advance(3_000);
  expect(await posting).toEqual({ delivered: false, status: null, error: 'no answer within 3 s' });
});

test('stops when it is told to', async () => {
  receiver.answers = ['nothing'];
  const stop = new AbortController();
  const posting = poster().post(receiver.url, '{}', {}, stop.signal);
  await expect.poll(() => receiver.received.length).toBe(1);
  stop.abort();
  expect(await posting).toMatchObject({ delivered: false, status: null });
  expect(await poster().post(receiver.url, '{}', {}, stop.signal)).toMatchObject({ delivered: false });
});

test('a name that leads to a private address is not connected to, whatever it led to before', async () => {
  const { port } = new URL(receiver.url);
  const resolve: PosterOptions['resolve'] = (_name, done) =>
    done(null, [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]);
  const url = `https://rebinding.example:${port}/`;
  const outcome = await poster({ targets: strict, resolve }).post(url, '{}', {}, never);
  expect(outcome).toEqual({
    delivered: false,
    status: null,
    error: 'rebinding.example leads to this machine or a private network only',
  });
  expect(receiver.received).toEqual([]);
});

test('connects to the address that was judged, not to what the name leads to a moment later', async () => {
  let asked = 0;
  const resolve: PosterOptions['resolve'] = (_name, done) => {
    asked += 1;
    done(null, [{ address: '127.0.0.1', family: 4 }]);
  };
  const { port } = new URL(receiver.url);
  const outcome = await poster({ resolve }).post(`http://a.example:${port}/`, '{}', {}, never);
  expect([outcome.delivered, asked]).toEqual([true, 1]);
});

test('an address in the URL is judged as well', async () => {
  const outcome = await poster({ targets: strict }).post('https://127.0.0.1:1/', '{}', {}, never);
  expect(outcome).toMatchObject({ delivered: false, status: null });
});

test('a name that does not resolve, and nobody who listens, are no delivery', async () => {
  const resolve: PosterOptions['resolve'] = (_name, done) => done(new Error('ENOTFOUND'), []);
  const outcome = await poster({ resolve }).post('https://nowhere.example/', '{}', {}, never);
  expect(outcome).toMatchObject({ delivered: false, error: 'ENOTFOUND' });
  const url = receiver.url;
  await receiver[Symbol.asyncDispose]();
  expect(await poster().post(url, '{}', {}, never)).toMatchObject({ delivered: false, status: null });
});
