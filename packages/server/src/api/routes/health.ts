import { ok } from '@masque-vpn/protocol';
import { HealthModel } from '../models/health.js';
import { route } from '../route.js';

/** GET /health — 200 while the server runs; the body says whether it can do all of its work. */
export const getHealth = route({
  method: 'GET',
  path: '/health',
  permission: 'monitoring',
  operationId: 'getHealth',
  summary: 'Whether the server can do all of its work.',
  response: HealthModel,
  handle: ({ services }) => ok(services.health()),
});
