import { ok } from '@masque-vpn/protocol';
import { HealthModel } from '../models.js';
import { route } from '../route.js';

/** GET /health — 200 while the server runs; the body says whether it can do all of its work. */
export const getHealth = route({
  method: 'GET',
  path: '/health',
  access: 'everybody',
  response: HealthModel,
  handle: ({ services }) => ok(services.health()),
});
