import { ClientListModel, ClientListQuery, CreatedClientModel, NewClientModel } from '../models/client.js';
import { route, type Route } from '../route.js';

/** GET /api/v1/clients — clients that match, a page at a time. */
const listClients = route({
  method: 'GET',
  path: '/api/v1/clients',
  permission: 'clients:read',
  operationId: 'listClients',
  summary: 'Clients that match, in the order asked for.',
  query: ClientListQuery,
  response: ClientListModel,
  handle: ({ query, services }) => services.clients.list(query),
});

/** POST /api/v1/clients — creates a client; its private key is made and stays elsewhere. */
const createClient = route({
  method: 'POST',
  path: '/api/v1/clients',
  permission: 'clients:write',
  operationId: 'createClient',
  summary: 'Creates a client; certifies the key of its request, or makes an enrolment link for it.',
  body: NewClientModel,
  status: 201,
  response: CreatedClientModel,
  handle: ({ body, actor, services }) => services.clients.create(body, actor),
});

/** Every route of all clients. */
export const clientsRoutes: readonly Route[] = [listClients, createClient];
