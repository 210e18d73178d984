import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { ClientChangeModel, ClientIdSchema, ClientModel } from '../models.js';
import { route } from '../route.js';

const path = '/api/v1/clients/:id';
const params = z.object({ id: ClientIdSchema });

/** GET /api/v1/clients/:id */
export const getClient = route({
  method: 'GET',
  path,
  access: 'local',
  params,
  response: ClientModel,
  handle: ({ params: { id }, services }) => services.clients.find(id),
});

/** PATCH /api/v1/clients/:id — lets the client in again, or ends its sessions and keeps it out. */
export const changeClient = route({
  method: 'PATCH',
  path,
  access: 'local',
  params,
  body: ClientChangeModel,
  response: ClientModel,
  handle: ({ params: { id }, body, services }) => services.clients.setEnabled(id, body.enabled),
});

/** DELETE /api/v1/clients/:id — ends the client's sessions and forgets it with its certificates. */
export const deleteClient = route({
  method: 'DELETE',
  path,
  access: 'local',
  params,
  status: 204,
  response: z.null(),
  handle: async ({ params: { id }, services }) => {
    const removed = await services.clients.remove(id);
    return removed.ok ? ok(null) : removed;
  },
});
