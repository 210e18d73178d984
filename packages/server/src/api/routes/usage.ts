import { z } from 'zod';
import { ClientIdSchema } from '../models/identifiers.js';
import { EffectiveLimitsModel } from '../models/limits.js';
import { ClientUsageQuery, DailyUsageListModel, MonthlyUsageListModel, UsageQuery } from '../models/usage.js';
import { route, type Route } from '../route.js';

/** GET /api/v1/usage */
const listUsage = route({
  method: 'GET',
  path: '/api/v1/usage',
  permission: 'usage:read',
  operationId: 'listUsage',
  summary: 'What each client moved in one month (UTC), in order of client.',
  query: UsageQuery,
  response: MonthlyUsageListModel,
  handle: ({ query, services }) => services.usage.month(query),
});

/** GET /api/v1/clients/:id/usage */
const listClientUsage = route({
  method: 'GET',
  path: '/api/v1/clients/:id/usage',
  permission: 'usage:read',
  operationId: 'listClientUsage',
  summary: 'What a client moved, by day (UTC).',
  params: z.object({ id: ClientIdSchema }),
  query: ClientUsageQuery,
  response: DailyUsageListModel,
  handle: ({ params: { id }, query, services }) => services.usage.days(id, query),
});

/** GET /api/v1/clients/:id/effective-limits */
const getEffectiveLimits = route({
  method: 'GET',
  path: '/api/v1/clients/:id/effective-limits',
  permission: 'clients:read',
  operationId: 'getEffectiveLimits',
  summary: 'What holds for a client, its groups and the server included, and what it has used of its quota.',
  params: z.object({ id: ClientIdSchema }),
  response: EffectiveLimitsModel,
  handle: ({ params: { id }, services }) => services.usage.limits(id),
});

/** Every route of usage. */
export const usageRoutes: readonly Route[] = [listUsage, listClientUsage, getEffectiveLimits];
