import { ok } from '@masque-vpn/protocol';
import { ChecksModel } from '../models/check.js';
import { route } from '../route.js';

/** GET /api/v1/checks — looks at the host now. */
export const getChecks = route({
  method: 'GET',
  path: '/api/v1/checks',
  permission: 'server:read',
  operationId: 'getChecks',
  summary: 'Whether clients can reach this server, and get further: what was found, and what to do about it.',
  response: ChecksModel,
  handle: async ({ services }) => ok(await services.checks()),
});
