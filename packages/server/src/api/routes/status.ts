import { ok } from '@masque-vpn/protocol';
import { StatusModel } from '../models.js';
import { route } from '../route.js';

/** GET /api/v1/status — what runs, since when, and what is wrong. */
export const getStatus = route({
  method: 'GET',
  path: '/api/v1/status',
  access: 'local',
  response: StatusModel,
  handle: ({ services }) => ok(services.status()),
});
