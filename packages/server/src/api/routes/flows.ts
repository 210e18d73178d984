import { FlowListModel, FlowQuery } from '../models/flow.js';
import { route, type Route } from '../route.js';

/** GET /api/v1/flows — what was sampled, in memory; `?verdict=refused` says who was refused what, and by which rule. */
const listFlows = route({
  method: 'GET',
  path: '/api/v1/flows',
  permission: 'flows:read',
  operationId: 'listFlows',
  summary: 'Flows that were sampled lately on this server, the latest first.',
  query: FlowQuery,
  response: FlowListModel,
  handle: ({ query, services }) => services.flows.list(query),
});

/** Every route of flows. */
export const flowRoutes: readonly Route[] = [listFlows];
