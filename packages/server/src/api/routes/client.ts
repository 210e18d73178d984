import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { ClientChangeModel, ClientModel } from '../models/client.js';
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

/** PATCH /api/v1/clients/:id — lets the client in again, or ends its sessions and keeps it out. */
const changeClient = route({
  method: 'PATCH',
  path,
  permission: 'clients:write',
  operationId: 'changeClient',
  summary: 'Changes a client.',
  params,
  body: ClientChangeModel,
  response: ClientModel,
  handle: ({ params: { id }, body, services }) => services.clients.setEnabled(id, body.enabled),
});

/** DELETE /api/v1/clients/:id — ends the client's sessions and forgets it with its certificates. */
const deleteClient = route({
  method: 'DELETE',
  path,
  permission: 'clients:write',
  operationId: 'deleteClient',
  summary: "Ends a client's sessions and forgets it with its certificates.",
  params,
  status: 204,
  response: z.null(),
  handle: async ({ params: { id }, services }) => {
    const removed = await services.clients.remove(id);
    return removed.ok ? ok(null) : removed;
  },
});

/** Every route of one client. */
export const clientRoutes: readonly Route[] = [getClient, changeClient, deleteClient];
