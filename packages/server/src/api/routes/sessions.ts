import { ok } from '@masque-vpn/protocol';
import { SessionListModel } from '../models/session.js';
import { route } from '../route.js';

/** GET /api/v1/sessions — the open sessions with their counters. */
export const listSessions = route({
  method: 'GET',
  path: '/api/v1/sessions',
  permission: 'sessions:read',
  operationId: 'listSessions',
  summary: 'The open sessions with their counters.',
  response: SessionListModel,
  handle: ({ services }) => ok({ items: [...services.sessions()] }),
});
