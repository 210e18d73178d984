import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { totpCode, totpStep } from '../administration/totp.js';
import { cookieOf, goodPassword, limits, outcomeOf, TestApi, type CallOptions } from './testing/testApi.js';

let api: TestApi;
beforeEach(async () => {
  api = await TestApi.open();
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

async function login(
  credentials: { readonly name: string; readonly password: string; readonly code?: string },
  options: CallOptions = {},
): Promise<string | number> {
  return outcomeOf(await api.call('POST', '/api/v1/login', { body: credentials, ...options }));
}

const minutes = 60_000;

describe('a fresh server', () => {
  test('is taken with its link, once', async () => {
    const link = await api.administration.links.ofFirstOwner();
    expect((await api.call('GET', '/api/v1/login')).json()).toMatchObject({ firstOwnerMissing: true });
    const body = { secret: link?.secret ?? '', name: 'ann', password: goodPassword };
    const taken = await api.call('POST', '/api/v1/setup', { body });
    expect(outcomeOf(taken)).toBe(200);
    const me = await api.call('GET', '/api/v1/me', { cookie: cookieOf(taken) });
    expect(me.json()).toMatchObject({ kind: 'administrator', name: 'ann', hasTotp: false });
    expect((await api.call('GET', '/api/v1/login')).json()).toMatchObject({ firstOwnerMissing: false });
    const again = { ...body, name: 'eve' };
    expect(outcomeOf(await api.call('POST', '/api/v1/setup', { body: again }))).toBe('LOGIN_LINK_INVALID');
    expect((await api.audited()).sort()).toEqual(['administrator.set_password ann', 'login.accept ann']);
  });

  test('has one link at a time, for a day', async () => {
    const first = await api.administration.links.ofFirstOwner();
    const second = await api.administration.links.ofFirstOwner();
    const redeem = async (secret = ''): Promise<string | number> => {
      const body = { secret, name: 'ann', password: goodPassword };
      return outcomeOf(await api.call('POST', '/api/v1/setup', { body }));
    };
    expect(await redeem(first?.secret)).toBe('LOGIN_LINK_INVALID');
    api.clock.advance(24 * 60 * minutes);
    expect(await redeem(second?.secret)).toBe('LOGIN_LINK_INVALID');
    const third = await api.administration.links.ofFirstOwner();
    expect(await redeem(third?.secret)).toBe(200);
    expect(await api.administration.links.ofFirstOwner()).toBeNull();
  });

  test('makes one owner of two who redeem the link at the same moment', async () => {
    const link = await api.administration.links.ofFirstOwner();
    const outcomes = await Promise.all(
      ['ann', 'bob'].map(async (name) => {
        const body = { secret: link?.secret ?? '', name, password: goodPassword };
        return outcomeOf(await api.call('POST', '/api/v1/setup', { body }));
      }),
    );
    expect(outcomes.sort()).toEqual([200, 'LOGIN_LINK_INVALID']);
    expect(await api.store.administrators.count()).toBe(1);
  });

  test('does not use the link up on a weak password or without a name', async () => {
    const link = await api.administration.links.ofFirstOwner();
    const secret = link?.secret ?? '';
    const redeem = async (body: object): Promise<string | number> =>
      outcomeOf(await api.call('POST', '/api/v1/setup', { body: { secret, ...body } }));
    expect(await redeem({ name: 'ann', password: 'short' })).toBe('PASSWORD_TOO_WEAK');
    expect(await redeem({ password: goodPassword })).toBe('ADMINISTRATOR_NAME_MISSING');
    expect(await redeem({ name: 'ann', password: goodPassword })).toBe(200);
  });
});

describe('a login', () => {
  beforeEach(() => api.signIn('ann', 'owner'));

  test('says the same whatever is wrong', async () => {
    const wrongName = await api.call('POST', '/api/v1/login', {
      body: { name: 'bob', password: goodPassword },
    });
    const wrongPassword = await api.call('POST', '/api/v1/login', {
      body: { name: 'ann', password: 'wrong' },
    });
    expect(wrongName.statusCode).toBe(401);
    expect(wrongName.json()).toEqual(wrongPassword.json());
  });

  test('takes the name in capitals, too', async () => {
    expect(await login({ name: 'ANN', password: goodPassword })).toBe(200);
  });

  test('sets a cookie that scripts cannot read and other sites cannot send', async () => {
    const response = await api.call('POST', '/api/v1/login', {
      body: { name: 'ann', password: goodPassword },
    });
    expect(response.headers['set-cookie']).toMatch(
      /^masque_vpn=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    );
  });

  test('is recorded, with what was wrong but never with what was typed as a name', async () => {
    await login({ name: 'my-secret-password', password: 'x' });
    api.clock.advance(1);
    await login({ name: 'ann', password: 'wrong' });
    const entries = await api.store.audit.list({ action: 'login.refuse' });
    expect(entries.map(({ target, detail }) => [target, detail['wrong']])).toEqual([
      ['ann', 'password'],
      ['', 'name'],
    ]);
    expect(JSON.stringify(await api.store.audit.list())).not.toContain('my-secret-password');
  });

  test('of somebody who was disabled is refused as if the password were wrong', async () => {
    await api.signIn('bob', 'owner');
    const body = { enabled: false };
    await api.call('PATCH', '/api/v1/administrators/bob', { body, on: api.onSocket });
    expect(await login({ name: 'bob', password: goodPassword })).toBe('LOGIN_REFUSED');
  });

  test('from elsewhere is refused without TLS', async () => {
    const options = { remoteAddress: '192.0.2.1' };
    expect(await login({ name: 'ann', password: goodPassword }, options)).toBe('API_LOCAL_ONLY');
  });
});

describe('failed logins', () => {
  const wrong = { name: 'bob', password: 'wrong' };
  const right = { name: 'bob', password: goodPassword };

  beforeEach(async () => {
    // Signed out: an address from which somebody is signed in is known.
    const cookie = await api.signIn('bob', 'owner');
    await api.call('DELETE', '/api/v1/login', { cookie });
  });

  test('lock the account for a while, for the right password as well', async () => {
    for (let failures = 0; failures < 6; failures += 1) expect(await login(wrong)).toBe('LOGIN_REFUSED');
    const locked = await api.call('POST', '/api/v1/login', { body: right });
    expect([outcomeOf(locked), locked.headers['retry-after']]).toEqual(['LOGIN_THROTTLED', '10']);
    api.clock.advance(10_000);
    expect(await login(right)).toBe(200);
  });

  test('lock a name that does not exist just the same', async () => {
    const nobody = { name: 'nobody', password: 'wrong' };
    for (let failures = 0; failures < 6; failures += 1) await login(nobody);
    expect(await login(nobody)).toBe('LOGIN_THROTTLED');
  });

  test('of others do not keep somebody out who is signed in from the same address', async () => {
    await api.login('bob');
    for (let failures = 0; failures < 6; failures += 1) await login(wrong);
    expect(await login(right)).toBe(200);
  });

  test('lock an address that tries many names', async () => {
    const outcomes = [];
    for (let attempt = 0; attempt < 22; attempt += 1) {
      outcomes.push(await login({ name: `name${attempt}`, password: 'wrong' }));
    }
    expect(outcomes.slice(0, 21)).toEqual(Array.from({ length: 21 }, () => 'LOGIN_REFUSED'));
    expect(outcomes[21]).toBe('LOGIN_THROTTLED');
  });

  test('are forgiven by a right one', async () => {
    for (let failures = 0; failures < 5; failures += 1) await login(wrong);
    await login(right);
    for (let failures = 0; failures < 5; failures += 1) expect(await login(wrong)).toBe('LOGIN_REFUSED');
    expect(await login(right)).toBe(200);
  });

  test('never lock the Unix socket', async () => {
    for (let failures = 0; failures < 30; failures += 1) await login(wrong);
    const me = await api.call('GET', '/api/v1/me', { on: api.onSocket });
    expect(me.json()).toMatchObject({ kind: 'local', name: 'root' });
  });

  test('under way at once are few', async () => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => login(wrong)));
    expect(outcomes.filter((outcome) => outcome === 'LOGIN_THROTTLED')).toHaveLength(7);
  });
});

describe('a session', () => {
  const me = async (cookie: string): Promise<string | number> =>
    outcomeOf(await api.call('GET', '/api/v1/me', { cookie }));

  test('can be asked for by whoever does not know whether there is one', async () => {
    const owner = async (options: CallOptions): Promise<unknown> => {
      const response = await api.call('GET', '/api/v1/session', options);
      expect(response.statusCode).toBe(200);
      return response.json<{ principal: unknown }>().principal;
    };
    const cookie = await api.signIn('ann', 'owner');
    expect(await owner({ cookie })).toEqual((await api.call('GET', '/api/v1/me', { cookie })).json());
    expect([await owner({}), await owner({ cookie: 'made-up' })]).toEqual([null, null]);
    api.clock.advance(limits.idleMs);
    expect(await owner({ cookie })).toBeNull();
  });

  test('ends when nobody used it for its idle time', async () => {
    const cookie = await api.signIn('ann', 'owner');
    api.clock.advance(limits.idleMs - 1);
    expect(await me(cookie)).toBe(200);
    api.clock.advance(limits.idleMs - 1);
    expect(await me(cookie)).toBe(200);
    api.clock.advance(limits.idleMs);
    expect(await me(cookie)).toBe('API_UNAUTHENTICATED');
  });

  test('ends after its whole time however much it is used', async () => {
    const cookie = await api.signIn('ann', 'owner');
    for (let hour = 0; hour < 23; hour += 1) {
      api.clock.advance(30 * minutes);
      expect(await me(cookie)).toBe(200);
    }
    api.clock.advance(30 * minutes);
    expect(await me(cookie)).toBe('API_UNAUTHENTICATED');
  });

  test('ends with a logout, which takes its cookie away', async () => {
    const cookie = await api.signIn('ann', 'owner');
    const out = await api.call('DELETE', '/api/v1/login', { cookie });
    expect(out.headers['set-cookie']).toContain('masque_vpn=; Path=/; Max-Age=0');
    expect(await me(cookie)).toBe('API_UNAUTHENTICATED');
  });

  test('is listed and ended by its owner, and by nobody else', async () => {
    const mine = await api.signIn('ann', 'owner');
    api.clock.advance(1);
    const other = await api.login('ann');
    const bobs = await api.signIn('bob', 'operator');
    const list = await api.call('GET', '/api/v1/me/sessions', { cookie: mine });
    const { items } = list.json<{ items: { id: string; current: boolean; userAgent: string }[] }>();
    expect(items.map(({ current, userAgent }) => [current, userAgent])).toEqual([
      [false, 'test'],
      [true, 'test'],
    ]);
    const url = `/api/v1/me/sessions/${items[0]?.id ?? ''}`;
    expect(outcomeOf(await api.call('DELETE', url, { cookie: bobs }))).toBe('LOGIN_SESSION_NOT_FOUND');
    expect(outcomeOf(await api.call('DELETE', url, { cookie: mine }))).toBe(204);
    expect([await me(other), await me(mine)]).toEqual(['API_UNAUTHENTICATED', 200]);
  });

  test('is stored as a hash only', async () => {
    const cookie = await api.signIn('ann', 'owner');
    const sessions = await api.store.logins.sessionsOf(
      (await api.store.administrators.findByName('ann'))?.uuid ?? '',
      api.clock.now(),
    );
    expect(JSON.stringify(sessions)).not.toContain(cookie);
  });

  test.each(['PATCH', 'POST', 'DELETE'] as const)(
    'changes nothing by %s without the header that other sites cannot send',
    async (method) => {
      const cookie = await api.signIn('ann', 'owner');
      const path = method === 'POST' ? '/api/v1/administrators' : '/api/v1/administrators/ann';
      const refused = await api.app.inject({
        method,
        url: path,
        headers: { host: 'localhost:8080', cookie: `masque_vpn=${cookie}` },
      });
      expect(outcomeOf(refused)).toBe('API_CSRF_HEADER_MISSING');
    },
  );

  test.each<Record<string, string>>([
    { origin: 'https://attacker.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('changes nothing for a page of another site: %o', async (headers) => {
    const cookie = await api.signIn('ann', 'owner');
    const refused = await api.call('DELETE', '/api/v1/login', { cookie, headers });
    expect(outcomeOf(refused)).toBe('API_ORIGIN_REFUSED');
  });

  test.each(['', '=', 'x'.repeat(43), 'a'.repeat(4096), '%00', '"; DROP TABLE logins'])(
    'is not opened by the cookie %j',
    async (cookie) => {
      expect(await me(cookie)).toBe('API_UNAUTHENTICATED');
    },
  );
});

describe('a password', () => {
  const next = 'another good password';

  test('is changed by who knows the present one, and ends all other sessions', async () => {
    const cookie = await api.signIn('ann', 'owner');
    const other = await api.login('ann');
    const change = async (current: string): Promise<string | number> =>
      outcomeOf(await api.call('PUT', '/api/v1/me/password', { cookie, body: { current, next } }));
    expect(await change('wrong')).toBe('LOGIN_REFUSED');
    expect(await change(goodPassword)).toBe(204);
    expect(outcomeOf(await api.call('GET', '/api/v1/me', { cookie: other }))).toBe('API_UNAUTHENTICATED');
    expect(outcomeOf(await api.call('GET', '/api/v1/me', { cookie }))).toBe(200);
    expect(await login({ name: 'ann', password: goodPassword })).toBe('LOGIN_REFUSED');
    expect(await login({ name: 'ann', password: next })).toBe(200);
  });

  test('is guessed at as little in an open session as at a login, and only the session is kept out', async () => {
    const cookie = await api.signIn('ann', 'owner');
    const guess = async (current: string): Promise<string | number> =>
      outcomeOf(await api.call('PUT', '/api/v1/me/password', { cookie, body: { current, next } }));
    for (let failures = 0; failures < 6; failures += 1) expect(await guess('wrong')).toBe('LOGIN_REFUSED');
    expect(await guess(goodPassword)).toBe('LOGIN_THROTTLED');
    expect(await login({ name: 'ann', password: goodPassword }, { remoteAddress: '::1' })).toBe(200);
    const [entry] = await api.store.audit.list({ action: 'login.refuse' });
    expect(entry).toMatchObject({ actor: { name: 'ann' }, detail: { wrong: 'password', lockedMs: 10_000 } });
    api.clock.advance(10_000);
    expect(await guess(goodPassword)).toBe(204);
  });

  test('of somebody who forgot it is set by a link, which ends their sessions', async () => {
    const cookie = await api.signIn('ann', 'owner');
    const made = await api.call('POST', '/api/v1/administrators/ann/link', { on: api.onSocket });
    const { secret, path } = made.json<{ secret: string; path: string }>();
    expect(path).toBe(`/setup#${secret}`);
    const redeemed = await api.call('POST', '/api/v1/setup', { body: { secret, password: next } });
    expect(outcomeOf(redeemed)).toBe(200);
    expect(outcomeOf(await api.call('GET', '/api/v1/me', { cookie }))).toBe('API_UNAUTHENTICATED');
    expect(outcomeOf(await api.call('GET', '/api/v1/me', { cookie: cookieOf(redeemed) }))).toBe(200);
  });
});

describe('the second factor', () => {
  let cookie: string;
  let secret: string;

  const code = (): string => totpCode(secret, totpStep(api.clock.now()));

  beforeEach(async () => {
    api.clock.advance(1_000 * minutes);
    cookie = await api.signIn('ann', 'owner');
    secret = (await api.call('POST', '/api/v1/me/totp', { cookie })).json<{ secret: string }>().secret;
    const body = { secret, code: code(), password: goodPassword };
    expect(outcomeOf(await api.call('PUT', '/api/v1/me/totp', { cookie, body }))).toBe(204);
  });

  test('is asked for, and a code is good once', async () => {
    const credentials = { name: 'ann', password: goodPassword };
    expect(await login(credentials)).toBe('LOGIN_CODE_REQUIRED');
    // The code that turned it on is used up.
    expect(await login({ ...credentials, code: code() })).toBe('LOGIN_REFUSED');
    api.clock.advance(30_000);
    expect(await login({ ...credentials, code: code() })).toBe(200);
    expect(await login({ ...credentials, code: code() })).toBe('LOGIN_REFUSED');
    api.clock.advance(30_000);
    expect(await login({ ...credentials, code: code() })).toBe(200);
  });

  test('is good once of two logins at the same moment', async () => {
    api.clock.advance(30_000);
    const credentials = { name: 'ann', password: goodPassword, code: code() };
    const outcomes = await Promise.all([login(credentials), login(credentials)]);
    expect(outcomes.sort()).toEqual([200, 'LOGIN_REFUSED']);
  });

  test('does not tell whether the password was right', async () => {
    expect(await login({ name: 'ann', password: 'wrong', code: '000000' })).toBe('LOGIN_REFUSED');
    expect(await login({ name: 'ann', password: 'wrong' })).toBe('LOGIN_REFUSED');
  });

  test('is guessed at as little as a password', async () => {
    const wrong = { name: 'ann', password: goodPassword, code: '000000' };
    const out = { remoteAddress: '::1' };
    for (let failures = 0; failures < 6; failures += 1) expect(await login(wrong, out)).toBe('LOGIN_REFUSED');
    expect(await login(wrong, out)).toBe('LOGIN_THROTTLED');
  });

  test('that is not given is recorded and counted, until a whole login', async () => {
    await api.call('DELETE', '/api/v1/login', { cookie });
    const known = { name: 'ann', password: goodPassword };
    for (let asked = 0; asked < 5; asked += 1) expect(await login(known)).toBe('LOGIN_CODE_REQUIRED');
    api.clock.advance(30_000);
    expect(await login({ ...known, code: code() })).toBe(200);
    const whole = await api.call('POST', '/api/v1/login', { body: known });
    expect([outcomeOf(whole), whole.headers['retry-after']]).toEqual(['LOGIN_CODE_REQUIRED', undefined]);
    const out = { remoteAddress: '::1' };
    for (let asked = 1; asked < 6; asked += 1) expect(await login(known, out)).toBe('LOGIN_CODE_REQUIRED');
    expect(await login(known, out)).toBe('LOGIN_THROTTLED');
    const entries = await api.store.audit.list({ action: 'login.ask_code' });
    expect(entries).toHaveLength(11);
    expect(entries[0]).toMatchObject({ target: 'ann', actor: { kind: 'anonymous', remoteAddress: '::1' } });
  });

  test('does not lock an address at which many people sign in', async () => {
    for (let day = 0; day < 30; day += 1) {
      api.clock.advance(30_000);
      await login({ name: 'ann', password: goodPassword });
      expect(await login({ name: 'ann', password: goodPassword, code: code() })).toBe(200);
    }
  });

  test('is stored sealed', async () => {
    const stored = await api.store.administrators.findByName('ann');
    expect(stored?.totpSecret).toMatch(/^v1\./);
    expect(stored?.totpSecret).not.toContain(secret);
  });

  test('is turned off with password and one more code', async () => {
    const off = async (body: object): Promise<string | number> =>
      outcomeOf(await api.call('POST', '/api/v1/me/totp/off', { cookie, body }));
    api.clock.advance(30_000);
    const wrong = { code: '000000', password: goodPassword };
    for (let failures = 0; failures < 6; failures += 1) expect(await off(wrong)).toBe('TOTP_CODE_WRONG');
    expect(await off(wrong)).toBe('LOGIN_THROTTLED');
    api.clock.advance(30_000);
    expect(await off({ code: code(), password: 'wrong' })).toBe('LOGIN_REFUSED');
    api.clock.advance(30_000);
    expect(await off({ code: code(), password: goodPassword })).toBe(204);
    expect(await login({ name: 'ann', password: goodPassword })).toBe(200);
  });

  test('is turned off by an owner when the device is lost', async () => {
    const body = { resetTotp: true };
    await api.call('PATCH', '/api/v1/administrators/ann', { body, on: api.onSocket });
    expect(await login({ name: 'ann', password: goodPassword })).toBe(200);
  });
});
