import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { UuidSchema } from '../models/identifiers.js';
import {
  NewPortForwardModel,
  PortForwardChangeModel,
  PortForwardListModel,
  PortForwardModel,
} from '../models/portForward.js';
import { route, type Route } from '../route.js';

const all = '/api/v1/port-forwards';
const one = `${all}/:id`;
const params = z.object({ id: UuidSchema });

/** GET /api/v1/port-forwards */
const listPortForwards = route({
  method: 'GET',
  path: all,
  permission: 'rules:read',
  operationId: 'listPortForwards',
  summary: 'Ports of the server that lead to clients, in order of port.',
  response: PortForwardListModel,
  handle: ({ services }) => ok(services.reach.listForwards()),
});

/** POST /api/v1/port-forwards */
const createPortForward = route({
  method: 'POST',
  path: all,
  permission: 'rules:write',
  operationId: 'createPortForward',
  summary: 'Has a port of the server lead to a client, wherever the client is.',
  body: NewPortForwardModel,
  status: 201,
  response: PortForwardModel,
  handle: ({ body, actor, services }) => services.reach.createForward(body, actor),
});

/** GET /api/v1/port-forwards/:id */
const getPortForward = route({
  method: 'GET',
  path: one,
  permission: 'rules:read',
  operationId: 'getPortForward',
  summary: 'A port forward.',
  params,
  response: PortForwardModel,
  handle: ({ params: { id }, services }) => services.reach.findForward(id),
});

/** PATCH /api/v1/port-forwards/:id */
const changePortForward = route({
  method: 'PATCH',
  path: one,
  permission: 'rules:write',
  operationId: 'changePortForward',
  summary: 'Changes a port forward; flows that it no longer allows end at once.',
  params,
  body: PortForwardChangeModel,
  response: PortForwardModel,
  handle: ({ params: { id }, body, actor, request, services }) =>
    services.reach.changeForward(id, body, { actor, version: request.ifMatch }),
});

/** DELETE /api/v1/port-forwards/:id */
const deletePortForward = route({
  method: 'DELETE',
  path: one,
  permission: 'rules:write',
  operationId: 'deletePortForward',
  summary: 'Deletes a port forward; its flows end at once.',
  params,
  status: 204,
  response: z.null(),
  handle: async ({ params: { id }, actor, request, services }) => {
    const removed = await services.reach.removeForward(id, { actor, version: request.ifMatch });
    return removed.ok ? ok(null) : removed;
  },
});

/** Every route of port forwards. */
export const portForwardRoutes: readonly Route[] = [
  listPortForwards,
  createPortForward,
  getPortForward,
  changePortForward,
  deletePortForward,
];
