import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Idempotency, type Reservation } from './idempotency.js';
import { goodPassword, outcomeOf, TestApi } from './testing/testApi.js';

const key = 'a-key-of-sixteen-characters';
const body = { name: 'script', permissions: ['clients:read'], expiresAtMs: null };
const hours = 60 * 60_000;

let api: TestApi;
let cookie: string;
beforeEach(async () => {
  api = await TestApi.open();
  cookie = await api.signIn('ann', 'owner');
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

type Response = Awaited<ReturnType<TestApi['call']>>;

function create(options: { key?: string; body?: object; cookie?: string } = {}): Promise<Response> {
  return api.call('POST', '/api/v1/tokens', {
    cookie: options.cookie ?? cookie,
    body: options.body ?? body,
    headers: { 'idempotency-key': options.key ?? key },
  });
}

const tokens = async (): Promise<number> =>
  (await api.store.apiTokens.list({ administratorUuid: null, after: null, limit: 500 })).length;

describe('a creation with an idempotency key', () => {
  test('is done once and answered the same each time', async () => {
    const first = await create();
    const again = await create();
    expect([first.statusCode, again.statusCode]).toEqual([201, 201]);
    expect(again.body).toBe(first.body);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([
      undefined,
      'true',
    ]);
    expect(await tokens()).toBe(1);
  });

  test('is refused with another body', async () => {
    await create();
    expect(outcomeOf(await create({ body: { ...body, name: 'other' } }))).toBe('API_IDEMPOTENCY_KEY_REUSED');
    expect(await tokens()).toBe(1);
  });

  test('is another one for somebody else, or with another key', async () => {
    await create();
    const other = await api.signIn('bob', 'operator');
    expect(outcomeOf(await create({ cookie: other }))).toBe(201);
    expect(outcomeOf(await create({ key: 'another-key-of-some-length' }))).toBe(201);
    expect(await tokens()).toBe(3);
  });

  test('is done once of many at the same moment', async () => {
    const outcomes = (await Promise.all(Array.from({ length: 5 }, () => create()))).map(outcomeOf);
    expect(outcomes.filter((outcome) => outcome !== 'API_IDEMPOTENCY_KEY_BUSY' && outcome !== 201)).toEqual(
      [],
    );
    expect(await tokens()).toBe(1);
    expect(outcomeOf(await create())).toBe(201);
  });

  test('that was refused can be repeated after correction', async () => {
    const wrong = { ...body, permissions: ['nonsense'] };
    expect(outcomeOf(await create({ body: wrong }))).toBe('API_REQUEST_INVALID');
    const exceeding = await api.signIn('bob', 'operator');
    const tooMuch = { ...body, permissions: ['administrators:read'] };
    expect(outcomeOf(await create({ body: tooMuch, cookie: exceeding }))).toBe('TOKEN_EXCEEDS_MAKER');
    expect(outcomeOf(await create({ cookie: exceeding }))).toBe(201);
  });

  test('whose answer could not be kept is not done again, and says that it was done', async () => {
    const answer = api.store.idempotencyKeys.answer.bind(api.store.idempotencyKeys);
    api.store.idempotencyKeys.answer = () => Promise.reject(new Error('lost'));
    expect(outcomeOf(await create())).toBe('API_INTERNAL_ERROR');
    api.store.idempotencyKeys.answer = answer;
    expect(outcomeOf(await create())).toBe('API_IDEMPOTENCY_ANSWER_LOST');
    expect(outcomeOf(await create({ body: { ...body, name: 'other' } }))).toBe('API_IDEMPOTENCY_KEY_REUSED');
    expect(await tokens()).toBe(1);
  });

  test('is forgotten after a day', async () => {
    await create();
    api.clock.advance(24 * hours);
    const later = await api.login('ann');
    const again = await create({ cookie: later });
    expect([again.statusCode, again.headers['idempotency-replayed']]).toEqual([201, undefined]);
    expect(await tokens()).toBe(2);
  });

  test('stores neither key nor secret where a backup would show them', async () => {
    const created = await create();
    const { text } = created.json<{ text: string }>();
    const stored: unknown[] = [];
    const find = api.store.idempotencyKeys.find.bind(api.store.idempotencyKeys);
    api.store.idempotencyKeys.find = async (name) => {
      const found = await find(name);
      stored.push(name, found);
      return found;
    };
    await create();
    expect(stored).toHaveLength(2);
    expect(JSON.stringify(stored)).not.toContain(text);
    expect(JSON.stringify(stored)).not.toContain(key);
  });

  test.each(['short', 'x'.repeat(201), 'has blanks in it, sadly', 'ünïcödé-ünïcödé-ünïcödé'])(
    'takes no key like %j',
    async (bad) => {
      expect(outcomeOf(await create({ key: bad }))).toBe('API_REQUEST_INVALID');
    },
  );
});

describe('a creation that a crash cut off', () => {
  const request = { key, caller: 'ann', method: 'POST', url: '/api/v1/tokens', body };
  /** A server process: another one with the same name is that server after a restart. */
  const process = (server: string | null = null): Idempotency =>
    new Idempotency({ store: api.store, server, clock: api.clock });

  async function begin(idempotency: Idempotency): Promise<Reservation> {
    const begun = await idempotency.begin(request);
    if (!begun.ok || !('run' in begun.value)) throw new Error(begun.ok ? 'answered' : begun.error.code);
    return begun.value;
  }
  const made = (reservation: Reservation): Promise<void> =>
    reservation.run(() => api.store.atomically(({ settings }) => settings.set('made', 'once')));

  test('before anything was done is done when the server is back, at once', async () => {
    const before = process();
    await begin(before);
    await expect(begin(before)).rejects.toThrow('API_IDEMPOTENCY_KEY_BUSY');
    const reservation = await begin(process());
    await made(reservation);
    await reservation.answered({ status: 201, body: '{}' });
    expect(await process().begin(request)).toEqual({ ok: true, value: { status: 201, body: '{}' } });
  });

  test('after it was done is not done again for a day, and says so', async () => {
    await made(await begin(process()));
    const after = process();
    await expect(begin(after)).rejects.toThrow('API_IDEMPOTENCY_ANSWER_LOST');
    api.clock.advance(24 * hours - 1);
    await expect(begin(after)).rejects.toThrow('API_IDEMPOTENCY_ANSWER_LOST');
    api.clock.advance(1);
    await made(await begin(after));
  });

  test('at another server is busy for five minutes: that one may still be at it', async () => {
    const there = await begin(process('there'));
    const here = process('here');
    api.clock.advance(5 * 60_000 - 1);
    await expect(begin(here)).rejects.toThrow('API_IDEMPOTENCY_KEY_BUSY');
    api.clock.advance(1);
    await made(await begin(here));
    // It was, only very slow: it may do nothing any more.
    await expect(made(there)).rejects.toThrow('taken over');
  });

  test('and that broke before anything was done can be repeated at once', async () => {
    const server = process();
    const reservation = await begin(server);
    await reservation.broke();
    await made(await begin(server));
  });

  test('leaves what goes on after the answer alone', async () => {
    const reservation = await begin(process());
    let later: Promise<void> = Promise.resolve();
    let answered = (): void => undefined;
    const answer = new Promise<void>((resolve) => (answered = resolve));
    await reservation.run(() => {
      later = answer.then(() => api.store.atomically(({ settings }) => settings.set('later', 'too')));
      return Promise.resolve();
    });
    await reservation.refused();
    answered();
    await later;
    expect(await api.store.settings.get('later')).toBe('too');
  });
});

test('a key means nothing to what is no creation', async () => {
  const change = async (): Promise<string | number> =>
    outcomeOf(
      await api.call('PUT', '/api/v1/me/password', {
        cookie,
        body: { current: goodPassword, next: 'another good password' },
        headers: { 'idempotency-key': key },
      }),
    );
  expect(await change()).toBe(204);
  expect(await change()).toBe('LOGIN_REFUSED');
});
