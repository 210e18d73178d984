import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { ClientChangeModel, ClientModel, DisconnectedModel } from '../models/client.js';
import { ClientIdSchema } from '../models/identifiers.js';
import { route, type Route } from '../route.js';

const path = '/api/v1/clients/:id';
const params = z.object({ id: ClientIdSchema });

/** GET /api/v1/clients/:id */
const getClient = route({
  method: 'GET',
  path,
  permission: 'clients:read',
  operationId: 'getClient',
  summary: 'A client.',
  params,
  response: ClientModel,
  handle: ({ params: { id }, services }) => services.clients.find(id),
});

/** PATCH /api/v1/clients/:id — a client that may not be here any more loses its sessions at once. */
const changeClient = route({
  method: 'PATCH',
  path,
  permission: 'clients:write',
  operationId: 'changeClient',
  summary: 'Changes a client; one that is disabled or expired by it loses its sessions at once.',
  params,
  body: ClientChangeModel,
  response: ClientModel,
  handle: ({ params: { id }, body, actor, request, services }) =>
    services.clients.change(id, body, { actor, version: request.ifMatch }),
});

/** DELETE /api/v1/clients/:id — ends the client's sessions and forgets it with its certificates. */
const deleteClient = route({
  method: 'DELETE',
  path,
  permission: 'clients:write',
  operationId: 'deleteClient',
  summary: "Ends a client's sessions and forgets it with its certificates; its history stays.",
  params,
  status: 204,
  response: z.null(),
  handle: async ({ params: { id }, actor, request, services }) => {
    const removed = await services.clients.remove(id, { actor, version: request.ifMatch });
    return removed.ok ? ok(null) : removed;
  },
});

/** DELETE /api/v1/clients/:id/sessions — the client may come back at once. */
const disconnectClient = route({
  method: 'DELETE',
  path: `${path}/sessions`,
  permission: 'sessions:write',
  operationId: 'disconnectClient',
  summary: 'Ends all sessions of a client, which may come back at once.',
  params,
  response: DisconnectedModel,
  handle: ({ params: { id }, actor, services }) => services.sessions.disconnectClient(id, actor),
});

/** Every route of one client. */
export const clientRoutes: readonly Route[] = [getClient, changeClient, deleteClient, disconnectClient];
