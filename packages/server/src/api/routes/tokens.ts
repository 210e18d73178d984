import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import type { ApiTokenRecord } from '../../store/apiTokens.js';
import { UuidSchema } from '../models/identifiers.js';
import { CreatedTokenModel, NewTokenModel, TokenModel } from '../models/token.js';
import { cutPage, nameKey, pageModel, PageQuery, parseCursor } from '../page.js';
import { route, type Route } from '../route.js';

const path = '/api/v1/tokens';
/** GET /api/v1/tokens — owners see everybody's, others their own. */
const listTokens = route({
  method: 'GET',
  path,
  permission: 'tokens:read',
  operationId: 'listTokens',
  summary: 'Tokens in order of creation: owners see everybody’s, others their own.',
  query: PageQuery,
  response: pageModel(TokenModel),
  handle: async ({ query: { limit, cursor }, principal, services: { administration } }) => {
    const key = parseCursor(cursor, nameKey);
    if (!key.ok) return key;
    const page = { after: key.value?.[0] ?? null, limit: limit + 1 };
    const found = await administration.tokens.list(principal, page);
    return ok(cutPage(found, limit, ({ uuid }) => [uuid], tokenModel));
  },
});

/** POST /api/v1/tokens — the text is shown this once. */
const createToken = route({
  method: 'POST',
  path,
  permission: 'tokens:write',
  operationId: 'createToken',
  summary: 'Makes a token for a program; its text is shown this once.',
  body: NewTokenModel,
  status: 201,
  response: CreatedTokenModel,
  handle: async ({ body, principal, services: { administration } }) => {
    const request = { name: body.name, permissions: body.permissions, expiresAt: body.expiresAtMs };
    const created = await administration.tokens.create(request, principal);
    if (!created.ok) return created;
    return ok({ token: tokenModel(created.value.token), text: created.value.text });
  },
});

/** DELETE /api/v1/tokens/:id — from now on it is good for nothing. */
const revokeToken = route({
  method: 'DELETE',
  path: `${path}/:id`,
  permission: 'tokens:write',
  operationId: 'revokeToken',
  summary: 'Revokes a token.',
  params: z.object({ id: UuidSchema }),
  status: 204,
  response: z.null(),
  handle: ({ params: { id }, principal, services: { administration } }) =>
    administration.tokens.revoke(id, principal),
});

function tokenModel(record: ApiTokenRecord): TokenModel {
  return {
    id: record.uuid,
    name: record.name,
    permissions: [...record.scopes],
    createdAtMs: record.createdAt,
    expiresAtMs: record.expiresAt,
    lastUsedAtMs: record.lastUsedAt,
    revokedAtMs: record.revokedAt,
  };
}

export const tokenRoutes: readonly Route[] = [listTokens, createToken, revokeToken];
