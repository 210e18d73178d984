import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OidcPolicy } from '../administration/oidcLogin.js';
import { OidcProvider } from '../administration/oidcProvider.js';
import type { VouchedPerson } from '../administration/vouchedPerson.js';
import { client, LocalProvider } from '../administration/testing/localProvider.js';
import { cookieOf, outcomeOf, TestApi } from './testing/testApi.js';

const redirectUri = 'https://vpn.example.org:8080/api/v1/login/oidc/callback';
const policy: OidcPolicy = {
  label: 'Example',
  owners: ['vpn-owners'],
  operators: ['vpn-operators'],
  readers: ['vpn-readers'],
  deviceUsers: ['staff'],
};

let provider: LocalProvider;
let api: TestApi;
let seen: VouchedPerson[];

async function open(claimsIn: 'idToken' | 'userinfo', changes: Partial<OidcPolicy> = {}): Promise<void> {
  provider = await LocalProvider.start(redirectUri, claimsIn);
  provider.accounts.set('1', { name: 'ann', email: 'ann@example.org', groups: ['vpn-operators', 'staff'] });
  provider.accounts.set('2', { name: 'Bob B.', email: 'bob@example.org', groups: ['staff'] });
  provider.accounts.set('3', { name: 'eve', email: 'eve@example.org', groups: ['others'] });
  seen = [];
  api = await TestApi.open(
    {},
    {
      policy: { ...policy, ...changes },
      onSignIn: async (person) => void seen.push(person),
      provider: new OidcProvider({
        issuer: new URL(provider.issuer),
        clientId: client.id,
        clientSecret: client.secret,
        scopes: ['openid', 'profile', 'email'],
        redirectUri,
        groupsClaim: 'groups',
      }),
    },
  );
}

afterEach(async () => {
  await api[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

interface Begun {
  readonly url: string;
  /** Cookie of the login under way. */
  readonly cookie: string;
}

async function begin(): Promise<Begun> {
  const response = await api.call('GET', '/api/v1/login/oidc');
  expect(response.statusCode).toBe(303);
  const [pair = ''] = String(response.headers['set-cookie']).split(';');
  return { url: String(response.headers.location), cookie: pair };
}

type Response = Awaited<ReturnType<TestApi['call']>>;

/** The browser's last step. */
function comeBack(url: URL, cookie: string): Promise<Response> {
  return api.call('GET', `/api/v1/login/oidc/callback${url.search}`, { headers: { cookie } });
}

async function signIn(subject: string): Promise<Response> {
  const { url, cookie } = await begin();
  return comeBack(await provider.signIn(url, subject), cookie);
}

const me = async (response: Response): Promise<unknown> =>
  (await api.call('GET', '/api/v1/me', { cookie: cookieOf(response) })).json();

describe.each(['idToken', 'userinfo'] as const)(
  'a login by OpenID Connect, with claims in the %s',
  (claimsIn) => {
    beforeEach(() => open(claimsIn));

    test('makes an administrator of whose groups say so', async () => {
      const response = await signIn('1');
      expect([response.statusCode, response.headers.location]).toEqual([303, '/']);
      expect(await me(response)).toMatchObject({ kind: 'administrator', name: 'ann', hasDevices: true });
      expect(await api.store.administrators.findByName('ann')).toMatchObject({
        role: 'operator',
        passwordHash: null,
        oidcIssuer: provider.issuer,
        oidcSubject: '1',
      });
      expect((await api.audited()).sort()).toEqual(['administrator.create ann', 'login.accept ann']);
    });

    test('lets somebody without a role have devices, and nothing else', async () => {
      const response = await signIn('2');
      expect(await me(response)).toEqual({
        kind: 'person',
        name: 'Bob B.',
        permissions: [],
        hasTotp: null,
        hasDevices: true,
      });
      expect(seen).toEqual([{ issuer: provider.issuer, subject: '2', name: 'Bob B.', groups: ['staff'] }]);
      const cookie = cookieOf(response);
      expect(outcomeOf(await api.call('GET', '/api/v1/status', { cookie }))).toBe('API_FORBIDDEN');
      expect(await api.store.administrators.count()).toBe(0);
    });

    test('keeps everybody else out', async () => {
      expect(outcomeOf(await signIn('3'))).toBe('OIDC_NOT_PERMITTED');
      expect(await api.audited()).toEqual([`login.refuse ${provider.issuer} 3`]);
    });
  },
);

describe('a login by OpenID Connect', () => {
  beforeEach(() => open('idToken'));

  test('asks with PKCE, state, nonce and nothing secret', async () => {
    const { searchParams } = new URL((await begin()).url);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'masque-vpn',
      redirect_uri: redirectUri,
      scope: 'openid profile email',
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(searchParams.get(name)?.length).toBeGreaterThanOrEqual(43);
    }
    expect(searchParams.toString()).not.toContain('secret');
  });

  test('is finished in the browser that began it only, and once', async () => {
    const { url, cookie } = await begin();
    const other = await begin();
    const back = await provider.signIn(url, '1');
    expect(outcomeOf(await comeBack(back, ''))).toBe('OIDC_LOGIN_FAILED');
    expect(outcomeOf(await comeBack(back, other.cookie))).toBe('OIDC_LOGIN_FAILED');
    expect(outcomeOf(await comeBack(back, cookie))).toBe(303);
    expect(outcomeOf(await comeBack(back, cookie))).toBe('OIDC_LOGIN_FAILED');
  });

  test('has ten minutes', async () => {
    const { url, cookie } = await begin();
    const back = await provider.signIn(url, '1');
    api.clock.advance(10 * 60_000);
    expect(outcomeOf(await comeBack(back, cookie))).toBe('OIDC_LOGIN_FAILED');
  });

  test.each([
    ['a code that the provider did not give', { code: 'made-up' }],
    ['another issuer', { iss: 'https://attacker.example' }],
    ['an error of the provider', { error: 'access_denied' }],
  ])('fails with %s', async (_what, changes) => {
    const { url, cookie } = await begin();
    const back = await provider.signIn(url, '1');
    for (const [name, value] of Object.entries(changes)) back.searchParams.set(name, value);
    if ('error' in changes) back.searchParams.delete('code');
    expect(outcomeOf(await comeBack(back, cookie))).toBe('OIDC_LOGIN_FAILED');
    expect(await api.store.administrators.count()).toBe(0);
  });

  test('shows a person a page, not JSON', async () => {
    const response = await api.call('GET', '/api/v1/login/oidc/callback?state=x', {
      headers: { accept: 'text/html,*/*' },
    });
    expect([response.statusCode, response.headers.location]).toEqual([
      303,
      '/login?problem=OIDC_LOGIN_FAILED',
    ]);
  });

  test('takes no account over that has the same name', async () => {
    await api.signIn('ann', 'owner');
    const response = await signIn('1');
    expect(await me(response)).toMatchObject({ name: expect.stringMatching(/^ann-[0-9a-f]{8}$/) as string });
    expect(await api.store.administrators.findByName('ann')).toMatchObject({
      role: 'owner',
      oidcSubject: null,
    });
  });

  test('follows the groups: another role signs out and counts at once', async () => {
    const before = await signIn('1');
    const account = provider.accounts.get('1');
    if (account === undefined) throw new Error('no account');
    provider.accounts.set('1', { ...account, groups: ['vpn-readers'] });
    await signIn('1');
    expect(await me(before)).toMatchObject({ code: 'API_UNAUTHENTICATED' });
    expect(await api.store.administrators.findByName('ann')).toMatchObject({ role: 'reader' });
  });

  test('of who lost every group ends the sessions that came with them', async () => {
    const before = await signIn('1');
    provider.accounts.set('1', { name: 'ann', email: '', groups: [] });
    expect(outcomeOf(await signIn('1'))).toBe('OIDC_NOT_PERMITTED');
    expect(await me(before)).toMatchObject({ code: 'API_UNAUTHENTICATED' });
  });

  test('of whom an owner disabled is refused, whatever the groups say', async () => {
    await signIn('1');
    await api.signIn('root', 'owner');
    const body = { enabled: false };
    await api.call('PATCH', '/api/v1/administrators/ann', { on: api.onSocket, body });
    expect(outcomeOf(await signIn('1'))).toBe('OIDC_NOT_PERMITTED');
  });

  test('is impossible while the provider is away', async () => {
    await provider[Symbol.asyncDispose]();
    const away = await api.call('GET', '/api/v1/login/oidc');
    expect([outcomeOf(away), away.headers['retry-after']]).toEqual(['OIDC_UNREACHABLE', '10']);
    provider = await LocalProvider.start(redirectUri, 'idToken');
  });

  test('is offered by name', async () => {
    const login = await api.call('GET', '/api/v1/login');
    expect(login.json()).toMatchObject({ oidc: { label: 'Example' } });
  });

  test('stores nothing of a login under way in clear', async () => {
    const { cookie } = await begin();
    const state = cookie.split('=')[1] ?? '';
    const taken: unknown[] = [];
    const take = api.store.logins.take.bind(api.store.logins);
    api.store.logins.take = async (...parameters) => {
      const login = await take(...parameters);
      taken.push(login);
      return login;
    };
    await api.call('GET', `/api/v1/login/oidc/callback?state=${state}`, { headers: { cookie } });
    expect(taken).toHaveLength(1);
    expect(JSON.stringify(taken)).not.toMatch(new RegExp(`${state}|codeVerifier`));
  });
});

test('everybody whom the provider vouches for has devices where the configuration says "*"', async () => {
  await open('idToken', { deviceUsers: ['*'] });
  expect(await me(await signIn('3'))).toMatchObject({ kind: 'person', name: 'eve' });
});
