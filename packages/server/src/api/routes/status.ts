import { ok } from '@masque-vpn/protocol';
import { StatusModel } from '../models/status.js';
import { route } from '../route.js';

/** GET /api/v1/status — what runs, since when, and what is wrong. */
export const getStatus = route({
  method: 'GET',
  path: '/api/v1/status',
  permission: 'server:read',
  operationId: 'getStatus',
  summary: 'What runs, since when, and what is wrong.',
  response: StatusModel,
  handle: ({ services }) => ok(services.status()),
});
