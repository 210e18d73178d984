import { ok } from '@masque-vpn/protocol';
import { SessionListModel } from '../models.js';
import { route } from '../route.js';

/** GET /api/v1/sessions — the open sessions with their counters. */
export const listSessions = route({
  method: 'GET',
  path: '/api/v1/sessions',
  access: 'local',
  response: SessionListModel,
  handle: ({ services }) => ok({ items: [...services.sessions()] }),
});
