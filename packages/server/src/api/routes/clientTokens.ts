import { z } from 'zod';
import {
  ClientTokenListModel,
  ClientTokenListQuery,
  CreatedClientTokenModel,
  NewClientTokenModel,
} from '../models/clientToken.js';
import { UuidSchema } from '../models/identifiers.js';
import { route, type Route } from '../route.js';

/** GET /api/v1/client-tokens */
const listClientTokens = route({
  method: 'GET',
  path: '/api/v1/client-tokens',
  permission: 'enrolments:read',
  operationId: 'listClientTokens',
  summary: 'Bearer tokens of clients, the oldest first, without their texts.',
  query: ClientTokenListQuery,
  response: ClientTokenListModel,
  handle: ({ query, services }) => services.clientTokens.list(query),
});

/** POST /api/v1/client-tokens — the text is shown this once. */
const createClientToken = route({
  method: 'POST',
  path: '/api/v1/client-tokens',
  permission: 'enrolments:write',
  operationId: 'createClientToken',
  summary: 'Makes a token for a client that cannot present a certificate; its text is shown this once.',
  body: NewClientTokenModel,
  status: 201,
  response: CreatedClientTokenModel,
  handle: ({ body, actor, services }) => services.clientTokens.create(body, actor),
});

/** DELETE /api/v1/client-tokens/:id — its sessions have ended when this is answered. */
const revokeClientToken = route({
  method: 'DELETE',
  path: '/api/v1/client-tokens/:id',
  permission: 'enrolments:write',
  operationId: 'revokeClientToken',
  summary: 'Ends a token and the sessions that came with it.',
  params: z.object({ id: UuidSchema }),
  status: 204,
  response: z.null(),
  handle: ({ params: { id }, actor, services }) => services.clientTokens.revoke(id, actor),
});

/** Every route of clients' tokens. */
export const clientTokenRoutes: readonly Route[] = [listClientTokens, createClientToken, revokeClientToken];
