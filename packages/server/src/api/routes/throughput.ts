import { ok } from '@masque-vpn/protocol';
import { ThroughputModel, ThroughputQuery } from '../models/throughput.js';
import { route } from '../route.js';

/** GET /api/v1/throughput — of the whole server, for charts. */
export const getThroughput = route({
  method: 'GET',
  path: '/api/v1/throughput',
  permission: 'server:read',
  operationId: 'getThroughput',
  summary: 'What all clients together moved lately, in equal steps.',
  query: ThroughputQuery,
  response: ThroughputModel,
  handle: ({ query, services }) => ok(services.throughput(query.range)),
});
