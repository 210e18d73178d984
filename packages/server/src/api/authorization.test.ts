import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { permissions, permissionsOf, type Role } from '../administration/permissions.js';
import { authorizationDocument, mayCall } from './authorization.js';
import { permit } from './authentication.js';
import { ProblemModel } from './models/problem.js';
import { isOpen } from './routePermission.js';
import { routes } from './routes.js';
import { outcomeOf, TestApi } from './testing/testApi.js';

/** A path of a route with something in place of its parameters that no schema takes. */
const urlOf = (path: string): string => path.replaceAll(/:\w+/g, 'NOT*ONE');

let api: TestApi;
const cookies = new Map<Role, string>();
beforeAll(async () => {
  api = await TestApi.open();
  for (const role of ['owner', 'operator', 'reader'] as const)
    cookies.set(role, await api.signIn(role, role));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

/** Whether a caller gets past the guard; what comes behind it does not matter here. */
async function passes(
  method: (typeof routes)[number]['method'],
  path: string,
  cookie?: string,
): Promise<boolean> {
  // A body that is no JSON: a route that was reached refuses it, and changes nothing.
  const options = method === 'GET' ? {} : { headers: { 'content-type': 'application/json' } };
  const response = await api.app.inject({
    method,
    url: urlOf(path),
    ...(method === 'GET' ? {} : { payload: '{' }),
    headers: {
      host: 'localhost',
      'x-csrf-protection': '1',
      ...options.headers,
      ...(cookie === undefined ? {} : { cookie: `masque_vpn=${cookie}` }),
    },
  });
  const outcome = outcomeOf(response);
  return outcome !== 'API_FORBIDDEN' && outcome !== 'API_UNAUTHENTICATED';
}

const guarded = routes.filter(({ streams, permission }) => !streams && permission !== 'monitoring');

describe.each(['owner', 'operator', 'reader', 'nobody'] as const)('%s', (role) => {
  // Routes without a body are called only where they are refused, or take no parameter that is right.
  const probes = guarded.filter(
    (route) => route.method !== 'GET' || route.path.includes(':') || !mayCall(role, route),
  );
  test.each(probes.map((route) => [route.method, route.path, mayCall(role, route), route] as const))(
    '%s %s: %s',
    async (method, path, allowed, route) => {
      if (method === 'DELETE' && !path.includes(':') && allowed) return;
      const cookie = role === 'nobody' ? undefined : cookies.get(role);
      expect(await passes(method, path, cookie)).toBe(mayCall(role, route));
    },
  );
});

describe('a route', () => {
  test.each(routes.map((route) => [route.method, route.path, route] as const))(
    '%s %s: a change takes a permission to write, or is about oneself',
    (method, _path, { permission }) => {
      const known: readonly string[] = [...permissions, 'signedIn', 'everybody', 'whoever', 'monitoring'];
      expect(known).toContain(permission);
      if (method !== 'GET' && permission !== 'signedIn' && permission !== 'everybody') {
        expect(permission).toMatch(/:write$|^rules:read$|^flows:read$/);
      }
    },
  );

  test('is for everybody only where nobody can be signed in yet', () => {
    const open = routes.filter(({ permission }) => isOpen(permission));
    expect(open.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'GET /*',
      'GET /api/openapi.json',
      'GET /api/v1/login',
      'GET /api/v1/login/oidc',
      'GET /api/v1/login/oidc/callback',
      'GET /api/v1/session',
      'GET /health',
      'GET /metrics',
      'POST /api/v1/login',
      'POST /api/v1/setup',
    ]);
  });

  test.each(routes.map((route) => [route.method, route.path, route.permission] as const))(
    '%s %s is not for callers from elsewhere without TLS, but for those who watch',
    async (method, path, permission) => {
      if (permission === 'monitoring') return;
      const url = urlOf(path);
      const response = await api.app.inject({
        method,
        url,
        remoteAddress: '192.0.2.1',
        headers: { host: 'x' },
      });
      expect(ProblemModel.parse(response.json()).code).toBe('API_LOCAL_ONLY');
    },
  );
});

describe('a role', () => {
  test('has all of the role below it', () => {
    const missing = (more: Role, less: Role): string[] =>
      [...permissionsOf(less)].filter((permission) => !permissionsOf(more).has(permission));
    expect([missing('owner', 'operator'), missing('operator', 'reader')]).toEqual([[], []]);
    expect(permissionsOf('owner').size).toBe(permissions.length);
  });

  test('that reads changes nothing', () => {
    expect([...permissionsOf('reader')].filter((permission) => permission.endsWith(':write'))).toEqual([]);
  });

  test('of an operator neither administers nor makes itself more', () => {
    const operator = permissionsOf('operator');
    for (const permission of ['administrators:write', 'administrators:read', 'settings:write'] as const) {
      expect(operator.has(permission)).toBe(false);
    }
  });
});

test('a route with a permission that nobody knows lets nobody in', () => {
  const nobody = {
    actor: { kind: 'anonymous', name: '', remoteAddress: null },
    permissions: new Set(),
  } as never;
  expect(permit(nobody, 'clients:read')).toMatchObject({ ok: false });
});

test('is docs/authorization.md; "npm run docs:generate" writes it', async () => {
  await expect(authorizationDocument(routes)).toMatchFileSnapshot('../../../../docs/authorization.md');
});
