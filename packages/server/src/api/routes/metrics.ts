import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { contentType } from '../../metrics/exposition.js';
import { route } from '../route.js';

/** GET /metrics — all metrics in Prometheus' text format 0.0.4. */
export const getMetrics = route({
  method: 'GET',
  path: '/metrics',
  access: 'everybody',
  response: z.string(),
  contentType,
  handle: async ({ services }) => ok(await services.scrape()),
});
