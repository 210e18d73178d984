import { ok } from '@masque-vpn/protocol';
import { ClientListModel, CreatedClientModel, NewClientModel } from '../models/client.js';
import { route, type Route } from '../route.js';

/** GET /api/v1/clients — all clients, in order of id. */
const listClients = route({
  method: 'GET',
  path: '/api/v1/clients',
  permission: 'clients:read',
  operationId: 'listClients',
  summary: 'All clients.',
  response: ClientListModel,
  handle: async ({ services }) => ok({ items: [...(await services.clients.list())] }),
});

/** POST /api/v1/clients — creates a client and certifies the key of its CSR; the key itself stays with the caller. */
const createClient = route({
  method: 'POST',
  path: '/api/v1/clients',
  permission: 'clients:write',
  operationId: 'createClient',
  summary: 'Creates a client and certifies the key of its request.',
  body: NewClientModel,
  status: 201,
  response: CreatedClientModel,
  handle: ({ body, services }) => services.clients.create(body),
});

export const clientsRoutes: readonly Route[] = [listClients, createClient];
