import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { ClientIdSchema, UuidSchema } from '../models/identifiers.js';
import {
  AllClientPrefixesModel,
  ClientPrefixListModel,
  ClientPrefixModel,
  NewClientPrefixModel,
} from '../models/portForward.js';
import { route, type Route } from '../route.js';

const all = '/api/v1/clients/:id/prefixes';
const params = z.object({ id: ClientIdSchema });

/** GET /api/v1/client-prefixes */
const listAllClientPrefixes = route({
  method: 'GET',
  path: '/api/v1/client-prefixes',
  permission: 'clients:read',
  operationId: 'listAllClientPrefixes',
  summary: 'Networks that may be behind clients (site to site), of all clients.',
  response: AllClientPrefixesModel,
  handle: ({ services }) => ok(services.reach.listAllPrefixes()),
});

/** GET /api/v1/clients/:id/prefixes */
const listClientPrefixes = route({
  method: 'GET',
  path: all,
  permission: 'clients:read',
  operationId: 'listClientPrefixes',
  summary: 'Networks that may be behind a client (site to site).',
  params,
  response: ClientPrefixListModel,
  handle: ({ params: { id }, services }) => services.reach.listPrefixes(id),
});

/** POST /api/v1/clients/:id/prefixes — what the client advertises counts within its grants only (CIP-717). */
const grantClientPrefix = route({
  method: 'POST',
  path: all,
  permission: 'clients:write',
  operationId: 'grantClientPrefix',
  summary: 'Lets a client offer a network behind it.',
  params,
  body: NewClientPrefixModel,
  status: 201,
  response: ClientPrefixModel,
  handle: ({ params: { id }, body, actor, services }) => services.reach.grantPrefix(id, body.prefix, actor),
});

/** DELETE /api/v1/clients/:id/prefixes/:prefix */
const removeClientPrefix = route({
  method: 'DELETE',
  path: `${all}/:prefix`,
  permission: 'clients:write',
  operationId: 'removeClientPrefix',
  summary: 'Takes a network behind a client away; nothing is forwarded there any more.',
  params: z.object({ id: ClientIdSchema, prefix: UuidSchema }),
  status: 204,
  response: z.null(),
  handle: async ({ params: { id, prefix }, actor, services }) => {
    const removed = await services.reach.removePrefix(id, prefix, actor);
    return removed.ok ? ok(null) : removed;
  },
});

/** Every route of networks behind clients. */
export const clientPrefixRoutes: readonly Route[] = [
  listAllClientPrefixes,
  listClientPrefixes,
  grantClientPrefix,
  removeClientPrefix,
];
