import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import type { SetUpLink } from '../../administration/links.js';
import { roleOf } from '../../administration/sessions.js';
import type { AdministratorRecord } from '../../store/administrators.js';
import {
  AdministratorChangeModel,
  AdministratorModel,
  AdministratorNameSchema,
  CreatedAdministratorModel,
  NewAdministratorModel,
  SetUpLinkModel,
} from '../models/administrator.js';
import { cutPage, nameKey, pageModel, PageQuery, parseCursor } from '../page.js';
import { route, type Route } from '../route.js';

const path = '/api/v1/administrators';
const params = z.object({ id: AdministratorNameSchema });
/** GET /api/v1/administrators — in order of name. */
const listAdministrators = route({
  method: 'GET',
  path,
  permission: 'administrators:read',
  operationId: 'listAdministrators',
  summary: 'All administrators.',
  query: PageQuery,
  response: pageModel(AdministratorModel),
  handle: async ({ query: { limit, cursor }, services: { administration } }) => {
    const key = parseCursor(cursor, nameKey);
    if (!key.ok) return key;
    const after = key.value?.[0] ?? null;
    const found = await administration.administrators.list({ after, limit: limit + 1 });
    return ok(cutPage(found, limit, ({ name }) => [name], administratorModel));
  },
});

/** POST /api/v1/administrators */
const createAdministrator = route({
  method: 'POST',
  path,
  permission: 'administrators:write',
  operationId: 'createAdministrator',
  summary: 'Creates an administrator; without a password, with a link to choose one.',
  body: NewAdministratorModel,
  status: 201,
  response: CreatedAdministratorModel,
  handle: async ({ body, actor, services: { administration } }) => {
    const request = { name: body.name, role: body.role, password: body.password ?? null };
    const created = await administration.administrators.create(request, actor);
    if (!created.ok) return created;
    const { administrator, link } = created.value;
    return ok({
      administrator: administratorModel(administrator),
      link: link === null ? null : linkModel(link),
    });
  },
});

/** GET /api/v1/administrators/:id */
const getAdministrator = route({
  method: 'GET',
  path: `${path}/:id`,
  permission: 'administrators:read',
  operationId: 'getAdministrator',
  summary: 'An administrator.',
  params,
  response: AdministratorModel,
  handle: async ({ params: { id }, services: { administration } }) => {
    const found = await administration.administrators.find(id);
    return found.ok ? ok(administratorModel(found.value)) : found;
  },
});

/** PATCH /api/v1/administrators/:id — whoever loses rights or gets another password is signed out. */
const changeAdministrator = route({
  method: 'PATCH',
  path: `${path}/:id`,
  permission: 'administrators:write',
  operationId: 'changeAdministrator',
  summary: 'Changes an administrator’s role, password or second factor.',
  params,
  body: AdministratorChangeModel,
  response: AdministratorModel,
  handle: async ({ params: { id }, body, actor, request: { ifMatch }, services: { administration } }) => {
    const changed = await administration.administrators.update(id, body, { ifMatch, actor });
    return changed.ok ? ok(administratorModel(changed.value)) : changed;
  },
});

/** DELETE /api/v1/administrators/:id — with all sessions and tokens. */
const deleteAdministrator = route({
  method: 'DELETE',
  path: `${path}/:id`,
  permission: 'administrators:write',
  operationId: 'deleteAdministrator',
  summary: 'Deletes an administrator with all sessions and tokens.',
  params,
  status: 204,
  response: z.null(),
  handle: ({ params: { id }, actor, request: { ifMatch }, services: { administration } }) =>
    administration.administrators.remove(id, { ifMatch, actor }),
});

/** POST /api/v1/administrators/:id/link — for somebody who forgot the password. */
const createAdministratorLink = route({
  method: 'POST',
  path: `${path}/:id/link`,
  permission: 'administrators:write',
  operationId: 'createAdministratorLink',
  summary: 'A one-time link with which an administrator chooses a new password.',
  params,
  status: 201,
  response: SetUpLinkModel,
  handle: async ({ params: { id }, actor, services: { administration } }) => {
    const made = await administration.administrators.makeLink(id, actor);
    return made.ok ? ok(linkModel(made.value)) : made;
  },
});

function administratorModel(record: AdministratorRecord): AdministratorModel {
  return {
    id: record.name,
    role: roleOf(record),
    enabled: record.enabled,
    hasPassword: record.passwordHash !== null,
    hasTotp: record.totpSecret !== null,
    oidcIssuer: record.oidcIssuer,
    lastLoginAtMs: record.lastLoginAt,
    createdAtMs: record.createdAt,
    updatedAtMs: record.updatedAt,
    version: record.version,
  };
}

function linkModel({ secret, expiresAt }: SetUpLink): SetUpLinkModel {
  return { secret, path: `/setup#${secret}`, expiresAtMs: expiresAt };
}

export const administratorRoutes: readonly Route[] = [
  listAdministrators,
  createAdministrator,
  getAdministrator,
  changeAdministrator,
  deleteAdministrator,
  createAdministratorLink,
];
