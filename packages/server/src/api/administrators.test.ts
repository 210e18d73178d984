import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { goodPassword, outcomeOf, TestApi } from './testing/testApi.js';

const path = '/api/v1/administrators';

let api: TestApi;
let owner: string;
beforeEach(async () => {
  api = await TestApi.open();
  owner = await api.signIn('ann', 'owner');
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

const change = async (name: string, body: object): Promise<string | number> =>
  outcomeOf(await api.call('PATCH', `${path}/${name}`, { cookie: owner, body }));

describe('an administrator', () => {
  test('without a password gets a link to choose one', async () => {
    const body = { name: 'bob@example.org', role: 'operator' };
    const created = await api.call('POST', path, { cookie: owner, body });
    const { administrator, link } = created.json<{
      administrator: { hasPassword: boolean };
      link: { secret: string };
    }>();
    expect([created.statusCode, administrator.hasPassword]).toEqual([201, false]);
    const redemption = { secret: link.secret, password: goodPassword };
    expect(outcomeOf(await api.call('POST', '/api/v1/setup', { body: redemption }))).toBe(200);
    const stored = await api.store.administrators.findByName('bob@example.org');
    expect(stored?.passwordHash).toMatch(/^\$argon2id\$/);
  });

  test('has a name of its own', async () => {
    const body = { name: 'ann', role: 'reader', password: goodPassword };
    expect(outcomeOf(await api.call('POST', path, { cookie: owner, body }))).toBe('ADMINISTRATOR_EXISTS');
  });

  test('is never shown with anything of the password', async () => {
    const shown = await api.call('GET', `${path}/ann`, { cookie: owner });
    expect(shown.body).not.toContain('argon2');
  });

  test('who is the last owner stays one', async () => {
    await api.signIn('bob', 'operator');
    expect(await change('ann', { role: 'operator' })).toBe('ADMINISTRATOR_LAST_OWNER');
    expect(await change('ann', { enabled: false })).toBe('ADMINISTRATOR_LAST_OWNER');
    expect(outcomeOf(await api.call('DELETE', `${path}/ann`, { cookie: owner }))).toBe(
      'ADMINISTRATOR_LAST_OWNER',
    );
    expect(outcomeOf(await api.call('GET', '/api/v1/me', { cookie: owner }))).toBe(200);
    expect(await change('bob', { role: 'owner' })).toBe(200);
    expect(outcomeOf(await api.call('DELETE', `${path}/ann`, { cookie: owner }))).toBe(204);
  });

  test('of two owners who remove each other at once, one stays', async () => {
    const other = await api.signIn('bob', 'owner');
    const outcomes = await Promise.all([
      api.call('DELETE', `${path}/bob`, { cookie: owner }),
      api.call('DELETE', `${path}/ann`, { cookie: other }),
    ]);
    expect(outcomes.filter(({ statusCode }) => statusCode === 204)).toHaveLength(1);
    expect(await api.store.administrators.countOwners()).toBe(1);
  });

  test('is changed and deleted freely where nobody was owner before', async () => {
    await using fresh = await TestApi.open();
    const root = { on: fresh.onSocket };
    const call = async (method: 'PATCH' | 'POST' | 'DELETE', at: string, body?: object) =>
      outcomeOf(await fresh.call(method, at, body === undefined ? root : { ...root, body }));
    for (const name of ['bob', 'eve']) {
      expect(await call('POST', path, { name, role: 'reader', password: goodPassword })).toBe(201);
    }
    expect(await call('PATCH', `${path}/bob`, { enabled: false })).toBe(200);
    expect(await call('DELETE', `${path}/eve`)).toBe(204);
    expect(await call('PATCH', `${path}/bob`, { enabled: true, role: 'owner' })).toBe(200);
    expect(await call('PATCH', `${path}/bob`, { role: 'reader' })).toBe('ADMINISTRATOR_LAST_OWNER');
  });

  test.each([{ role: 'reader' }, { enabled: false }, { password: 'a new good password' }])(
    'is signed out everywhere by %o',
    async (body) => {
      const cookie = await api.signIn('bob', 'operator');
      expect(await change('bob', body)).toBe(200);
      expect(outcomeOf(await api.call('GET', '/api/v1/me', { cookie }))).toBe('API_UNAUTHENTICATED');
    },
  );

  test('is deleted with sessions and tokens', async () => {
    const cookie = await api.signIn('bob', 'operator');
    const body = { name: 'script', permissions: ['clients:read'], expiresAtMs: null };
    const { text } = (await api.call('POST', '/api/v1/tokens', { cookie, body })).json<{ text: string }>();
    expect(outcomeOf(await api.call('GET', '/api/v1/me', { token: text }))).toBe(200);
    await api.call('DELETE', `${path}/bob`, { cookie: owner });
    expect(outcomeOf(await api.call('GET', '/api/v1/me', { cookie }))).toBe('API_UNAUTHENTICATED');
    expect(outcomeOf(await api.call('GET', '/api/v1/me', { token: text }))).toBe('API_UNAUTHENTICATED');
  });

  test('is audited with every change, and without secrets', async () => {
    const body = { name: 'bob', role: 'operator', password: goodPassword };
    await api.call('POST', path, { cookie: owner, body });
    await change('bob', { role: 'reader', password: 'a new good password' });
    await api.call('POST', `${path}/bob/link`, { cookie: owner });
    await api.call('DELETE', `${path}/bob`, { cookie: owner });
    const audited = await api.audited();
    expect(audited).toEqual(
      expect.arrayContaining([
        'administrator.create bob',
        'administrator.update bob',
        'administrator.make_link bob',
        'administrator.delete bob',
      ]),
    );
    const [entry] = await api.store.audit.list({ action: 'administrator.update' });
    expect(entry).toMatchObject({
      actor: { kind: 'administrator', name: 'ann', remoteAddress: '127.0.0.1' },
      detail: { role: 'reader', password: 'changed', sessionsEnded: 0 },
    });
    expect(JSON.stringify(await api.store.audit.list())).not.toMatch(/good password|argon2|horse/);
  });
});

describe('a token', () => {
  const make = async (
    cookie: string,
    body: object = {},
  ): Promise<{ id: string; text: string; outcome: string | number }> => {
    const request = {
      name: 'script',
      permissions: ['clients:read', 'tokens:read'],
      expiresAtMs: null,
      ...body,
    };
    const response = await api.call('POST', '/api/v1/tokens', { cookie, body: request });
    const { token, text = '' } = response.json<{ token?: { id: string }; text?: string }>();
    return { id: token?.id ?? '', text, outcome: outcomeOf(response) };
  };
  const me = async (token: string): Promise<string | number> =>
    outcomeOf(await api.call('GET', '/api/v1/me', { token }));

  test('may what it was made for, and nothing else', async () => {
    const { text } = await make(owner);
    expect(text).toMatch(/^mvt_[A-Za-z0-9_-]{43}$/);
    const own = await api.call('GET', '/api/v1/me', { token: text });
    expect(own.json()).toMatchObject({ kind: 'token', permissions: ['clients:read', 'tokens:read'] });
    expect(outcomeOf(await api.call('GET', '/api/v1/tokens', { token: text }))).toBe(200);
    expect(outcomeOf(await api.call('GET', path, { token: text }))).toBe('API_FORBIDDEN');
  });

  test('needs no header against forged requests, as no page can send it', async () => {
    const { text } = await make(owner, { permissions: ['administrators:write'] });
    const response = await api.app.inject({
      method: 'POST',
      url: `${path}/ann/link`,
      headers: { host: 'localhost', authorization: `Bearer ${text}` },
    });
    expect(response.statusCode).toBe(201);
  });

  test('has no account: no password, no second factor, no further tokens', async () => {
    const { text: token } = await make(owner, { permissions: ['tokens:write'] });
    const calls = [
      api.call('PUT', '/api/v1/me/password', { token, body: { current: goodPassword, next: goodPassword } }),
      api.call('POST', '/api/v1/me/totp', { token }),
      api.call('GET', '/api/v1/me/sessions', { token }),
      api.call('POST', '/api/v1/tokens', {
        token,
        body: { name: 'x', permissions: ['tokens:write'], expiresAtMs: null },
      }),
    ];
    expect((await Promise.all(calls)).map(outcomeOf)).toEqual(calls.map(() => 'ADMINISTRATOR_ONLY'));
  });

  test('has no more rights than its maker, not even later', async () => {
    const operator = await api.signIn('bob', 'operator');
    expect((await make(operator, { permissions: ['administrators:read'] })).outcome).toBe(
      'TOKEN_EXCEEDS_MAKER',
    );
    const { text } = await make(operator, { permissions: ['clients:write', 'clients:read'] });
    await change('bob', { role: 'reader' });
    const own = await api.call('GET', '/api/v1/me', { token: text });
    expect(own.json()).toMatchObject({ permissions: ['clients:read'] });
    await change('bob', { enabled: false });
    expect(await me(text)).toBe('API_UNAUTHENTICATED');
  });

  test('ends at its time, or when it is revoked', async () => {
    const timed = await make(owner, { expiresAtMs: Math.trunc(api.clock.now()) + 60_000 });
    const other = await make(owner);
    api.clock.advance(59_000);
    expect([await me(timed.text), await me(other.text)]).toEqual([200, 200]);
    api.clock.advance(1_000);
    expect([await me(timed.text), await me(other.text)]).toEqual(['API_UNAUTHENTICATED', 200]);
    expect(outcomeOf(await api.call('DELETE', `/api/v1/tokens/${other.id}`, { cookie: owner }))).toBe(204);
    expect(await me(other.text)).toBe('API_UNAUTHENTICATED');
    expect(outcomeOf(await api.call('DELETE', `/api/v1/tokens/${other.id}`, { cookie: owner }))).toBe(
      'TOKEN_NOT_FOUND',
    );
  });

  test('of somebody else is seen and revoked by owners only', async () => {
    const operator = await api.signIn('bob', 'operator');
    const mine = await make(owner);
    api.clock.advance(1);
    const theirs = await make(operator);
    const seen = async (cookie: string): Promise<string[]> =>
      (await api.call('GET', '/api/v1/tokens', { cookie }))
        .json<{ items: { id: string }[] }>()
        .items.map(({ id }) => id);
    expect(await seen(owner)).toEqual([mine.id, theirs.id]);
    expect(await seen(operator)).toEqual([theirs.id]);
    const revoke = async (id: string, cookie: string): Promise<string | number> =>
      outcomeOf(await api.call('DELETE', `/api/v1/tokens/${id}`, { cookie }));
    expect(await revoke(mine.id, operator)).toBe('TOKEN_NOT_FOUND');
    expect(await revoke(theirs.id, owner)).toBe(204);
  });

  test('is stored as a hash, its last use is noted, its first use is audited', async () => {
    const { id, text } = await make(owner);
    expect(await api.store.apiTokens.find(id)).toMatchObject({ lastUsedAt: null });
    await me(text);
    const firstUse = Math.trunc(api.clock.now());
    api.clock.advance(30_000);
    await me(text);
    expect(await api.store.apiTokens.find(id)).toMatchObject({ lastUsedAt: firstUse });
    api.clock.advance(30_000);
    await me(text);
    expect(await api.store.apiTokens.find(id)).toMatchObject({ lastUsedAt: firstUse + 60_000 });
    const uses = (await api.audited()).filter((entry) => entry.startsWith('token.'));
    expect(uses.sort()).toEqual([`token.create ${id}`, `token.first_use ${id}`]);
    expect(JSON.stringify(await api.store.apiTokens.find(id))).not.toContain(text);
  });

  test.each(['mvt_', 'mvt_wrong', 'x', `mvt_${'a'.repeat(43)}`, `mvt_${'a'.repeat(9_000)}`])(
    'that nobody made opens nothing: %s',
    async (text) => {
      expect(await me(text)).toBe('API_UNAUTHENTICATED');
    },
  );

  test('that is wrong is not made good by a cookie', async () => {
    expect(outcomeOf(await api.call('GET', '/api/v1/me', { cookie: owner, token: 'mvt_wrong' }))).toBe(
      'API_UNAUTHENTICATED',
    );
  });

  test('cannot be guessed without end', async () => {
    const outcomes = [];
    for (let guess = 0; guess < 121; guess += 1) outcomes.push(await me(`mvt_${guess}`));
    expect(outcomes.at(-2)).toBe('API_UNAUTHENTICATED');
    const limited = await api.call('GET', '/api/v1/me', { token: 'mvt_guess' });
    expect([outcomeOf(limited), limited.headers['retry-after']]).toEqual(['API_RATE_LIMITED', '1']);
    // Whoever has a good one goes on.
    expect(outcomeOf(await api.call('GET', '/api/v1/me', { cookie: owner }))).toBe(200);
  });
});
