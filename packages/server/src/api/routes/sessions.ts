import { z } from 'zod';
import { UuidSchema } from '../models/identifiers.js';
import {
  PastSessionListModel,
  PastSessionQuery,
  SessionDetailModel,
  SessionListModel,
  SessionListQuery,
} from '../models/session.js';
import { route, type Route } from '../route.js';

/** GET /api/v1/sessions — the open sessions with their counters. */
const listSessions = route({
  method: 'GET',
  path: '/api/v1/sessions',
  permission: 'sessions:read',
  operationId: 'listSessions',
  summary: 'The open sessions of this server with counters and path, the oldest first.',
  query: SessionListQuery,
  response: SessionListModel,
  handle: ({ query, services }) => services.sessions.list(query),
});

/** GET /api/v1/sessions/history — sessions and refused requests, the newest first. */
const listPastSessions = route({
  method: 'GET',
  path: '/api/v1/sessions/history',
  permission: 'sessions:read',
  operationId: 'listPastSessions',
  summary: 'Sessions there were, and requests that got none, the newest first.',
  query: PastSessionQuery,
  response: PastSessionListModel,
  handle: ({ query, services }) => services.sessions.past(query),
});

const path = '/api/v1/sessions/:id';
const params = z.object({ id: UuidSchema });

/** GET /api/v1/sessions/:id */
const getSession = route({
  method: 'GET',
  path,
  permission: 'sessions:read',
  operationId: 'getSession',
  summary: 'A session, live or past.',
  params,
  response: SessionDetailModel,
  handle: ({ params: { id }, services }) => services.sessions.find(id),
});

/** DELETE /api/v1/sessions/:id — ends it; its client may come back. */
const disconnectSession = route({
  method: 'DELETE',
  path,
  permission: 'sessions:write',
  operationId: 'disconnectSession',
  summary: 'Ends a session; its client may come back at once.',
  params,
  status: 204,
  response: z.null(),
  handle: ({ params: { id }, actor, services }) => services.sessions.disconnect(id, actor),
});

/** Every route of sessions. */
export const sessionRoutes: readonly Route[] = [
  listSessions,
  listPastSessions,
  getSession,
  disconnectSession,
];
