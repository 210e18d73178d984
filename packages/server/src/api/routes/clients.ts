import { ok } from '@masque-vpn/protocol';
import { ClientListModel, CreatedClientModel, NewClientModel } from '../models.js';
import { route } from '../route.js';

/** GET /api/v1/clients — all clients, in order of id. */
export const listClients = route({
  method: 'GET',
  path: '/api/v1/clients',
  access: 'local',
  response: ClientListModel,
  handle: async ({ services }) => ok({ items: [...(await services.clients.list())] }),
});

/** POST /api/v1/clients — creates a client and certifies the key of its CSR; the key itself stays with the caller. */
export const createClient = route({
  method: 'POST',
  path: '/api/v1/clients',
  access: 'local',
  body: NewClientModel,
  status: 201,
  response: CreatedClientModel,
  handle: ({ body, services }) => services.clients.create(body),
});
