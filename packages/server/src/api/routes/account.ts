import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { permissions } from '../../administration/permissions.js';
import type { Principal } from '../../administration/principal.js';
import { UuidSchema } from '../models/identifiers.js';
import {
  LoginSessionListModel,
  PasswordChangeModel,
  PrincipalModel,
  SessionOwnerModel,
  TotpOfferModel,
  TotpOffModel,
  TotpOnModel,
} from '../models/login.js';
import { route, type Route } from '../route.js';
import type { ApiServices } from '../services.js';

/** GET /api/v1/me — who is signed in, and what they may do. */
const getMe = route({
  method: 'GET',
  path: '/api/v1/me',
  permission: 'signedIn',
  operationId: 'getMe',
  summary: 'Who is signed in, and what they may do.',
  response: PrincipalModel,
  handle: async ({ principal, services }) => ok(await principalModel(principal, services)),
});

/** GET /api/v1/session — the same for a page, which has to ask before it knows whether somebody is signed in. */
const getSessionOwner = route({
  method: 'GET',
  path: '/api/v1/session',
  permission: 'whoever',
  operationId: 'getSessionOwner',
  summary: 'Who is signed in, if anybody is.',
  response: SessionOwnerModel,
  handle: async ({ principal, services }) =>
    ok({ principal: principal.via.kind === 'nothing' ? null : await principalModel(principal, services) }),
});

async function principalModel(
  principal: Principal,
  { administration }: Pick<ApiServices, 'administration'>,
): Promise<z.output<typeof PrincipalModel>> {
  return {
    kind: PrincipalModel.shape.kind.parse(principal.actor.kind),
    name: principal.actor.name,
    permissions: permissions.filter((permission) => principal.permissions.has(permission)),
    hasTotp: await administration.account.hasTotp(principal),
    hasDevices: principal.person !== null,
  };
}

/** PUT /api/v1/me/password — ends all other sessions as well. */
const changePassword = route({
  method: 'PUT',
  path: '/api/v1/me/password',
  permission: 'signedIn',
  operationId: 'changePassword',
  summary: 'Changes one’s own password and ends all other sessions.',
  body: PasswordChangeModel,
  status: 204,
  response: z.null(),
  handle: ({ principal, body, services: { administration } }) =>
    administration.account.changePassword(principal, body),
});

/** POST /api/v1/me/totp — a secret for an authenticator app. */
const offerTotp = route({
  method: 'POST',
  path: '/api/v1/me/totp',
  permission: 'signedIn',
  operationId: 'offerTotp',
  summary: 'A secret for an authenticator app; nothing is on yet.',
  response: TotpOfferModel,
  handle: ({ principal, services: { administration } }) => administration.account.offerTotp(principal),
});

/** PUT /api/v1/me/totp — from now on logins need a code. */
const turnTotpOn = route({
  method: 'PUT',
  path: '/api/v1/me/totp',
  permission: 'signedIn',
  operationId: 'turnTotpOn',
  summary: 'Turns the second factor on, with the first code of the app.',
  body: TotpOnModel,
  status: 204,
  response: z.null(),
  handle: ({ principal, body, services: { administration } }) =>
    administration.account.turnTotpOn(principal, body),
});

/** POST /api/v1/me/totp/off */
const turnTotpOff = route({
  method: 'POST',
  path: '/api/v1/me/totp/off',
  permission: 'signedIn',
  operationId: 'turnTotpOff',
  summary: 'Turns the second factor off, with one more code.',
  body: TotpOffModel,
  status: 204,
  response: z.null(),
  handle: ({ principal, body, services: { administration } }) =>
    administration.account.turnTotpOff(principal, body),
});

/** GET /api/v1/me/sessions — where one is signed in. */
const listOwnSessions = route({
  method: 'GET',
  path: '/api/v1/me/sessions',
  permission: 'signedIn',
  operationId: 'listOwnSessions',
  summary: 'Where one is signed in, the newest first.',
  response: LoginSessionListModel,
  handle: async ({ principal, services: { administration } }) => {
    const { via } = principal;
    const sessions = await administration.account.sessions(principal);
    if (!sessions.ok) return sessions;
    return ok({
      items: sessions.value.map((session) => ({
        id: session.uuid,
        current: via.kind === 'cookie' && via.sessionUuid === session.uuid,
        remoteAddress: session.remoteAddress,
        userAgent: session.userAgent,
        createdAtMs: session.createdAt,
        lastUsedAtMs: session.lastUsedAt,
        expiresAtMs: session.expiresAt,
      })),
    });
  },
});

/** DELETE /api/v1/me/sessions/:id — signs another browser out. */
const endOwnSession = route({
  method: 'DELETE',
  path: '/api/v1/me/sessions/:id',
  permission: 'signedIn',
  operationId: 'endOwnSession',
  summary: 'Signs another browser out.',
  params: z.object({ id: UuidSchema }),
  status: 204,
  response: z.null(),
  handle: ({ principal, params, services: { administration } }) =>
    administration.account.endSession(principal, params.id),
});

export const accountRoutes: readonly Route[] = [
  getMe,
  getSessionOwner,
  changePassword,
  offerTotp,
  turnTotpOn,
  turnTotpOff,
  listOwnSessions,
  endOwnSession,
];
