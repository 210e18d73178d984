import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { expiredCookie, sessionCookie } from '../cookie.js';
import { CredentialsModel, LoginOptionsModel, SetUpModel, SignedInModel } from '../models/login.js';
import { route, type Route } from '../route.js';

const path = '/api/v1/login';

/** GET /api/v1/login — what a login page offers. */
const getLogin = route({
  method: 'GET',
  path,
  permission: 'everybody',
  operationId: 'getLogin',
  summary: 'Ways to sign in.',
  response: LoginOptionsModel,
  handle: async ({ services: { administration } }) =>
    ok({
      firstOwnerMissing: await administration.links.isFirstOwnerMissing(),
      password: true,
      oidc: administration.oidc === null ? null : { label: administration.oidc.label },
    }),
});

/** POST /api/v1/login — signs in by password; the session is in the cookie that is set. */
const login = route({
  method: 'POST',
  path,
  permission: 'everybody',
  operationId: 'login',
  summary: 'Signs an administrator in; the session is in the cookie.',
  body: CredentialsModel,
  response: SignedInModel,
  handle: async ({ body, services: { administration }, request, setHeader }) => {
    const { name, password, code = null } = body;
    const outcome = await administration.login.login({ name: name.toLowerCase(), password, code }, request);
    if (!outcome.ok) return outcome;
    const { absoluteMs } = administration.sessions.limits;
    setHeader('set-cookie', sessionCookie(outcome.value.cookie, absoluteMs, request.secure));
    return ok({ signedIn: true });
  },
});

/** DELETE /api/v1/login — ends this session. */
const logout = route({
  method: 'DELETE',
  path,
  permission: 'signedIn',
  operationId: 'logout',
  summary: 'Ends this session.',
  status: 204,
  response: z.null(),
  handle: async ({ principal, services: { administration }, request, setHeader }) => {
    await administration.account.logout(principal);
    setHeader('set-cookie', expiredCookie(request.secure));
    return ok(null);
  },
});

/** POST /api/v1/setup — chooses a password with a link, and signs in; on a fresh server it makes the first owner. */
const setUp = route({
  method: 'POST',
  path: '/api/v1/setup',
  permission: 'everybody',
  operationId: 'setUp',
  summary: 'Chooses a password with a one-time link; on a fresh server it makes the first owner.',
  body: SetUpModel,
  response: SignedInModel,
  handle: async ({ body, services: { administration }, request, setHeader }) => {
    const { secret, name = null, password } = body;
    const outcome = await administration.links.redeem({ secret, name, password }, request);
    if (!outcome.ok) return outcome;
    const { absoluteMs } = administration.sessions.limits;
    setHeader('set-cookie', sessionCookie(outcome.value.cookie, absoluteMs, request.secure));
    return ok({ signedIn: true });
  },
});

export const loginRoutes: readonly Route[] = [getLogin, login, logout, setUp];
