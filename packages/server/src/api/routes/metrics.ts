import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { fail, ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import type { Principal } from '../../administration/principal.js';
import { contentType } from '../../metrics/exposition.js';
import { contentCoding } from '../contentCoding.js';
import { exactText } from '../models/text.js';
import { streamRoute } from '../streamRoute.js';

/** GET /metrics — all metrics in Prometheus' text format 0.0.4, as a stream, compressed for those who take it. */
export const getMetrics = streamRoute({
  path: '/metrics',
  permission: 'monitoring',
  operationId: 'getMetrics',
  summary: "All metrics in Prometheus' text format.",
  query: z.object({
    /** A Prometheus' own name, where its address is not its own or changes. */
    scraper: exactText(100).optional(),
  }),
  contentType,
  handle: async ({ services, request, query, principal }) => {
    if (!mayScrape(services.metricsToken, request.headers.authorization, principal)) {
      return fail({ code: 'API_UNAUTHENTICATED', message: 'send the token of metrics.token_file' });
    }
    const encoding = contentCoding(request.headers['accept-encoding'] ?? '', ['gzip']);
    const scraper = scraperOf(request.headers, query.scraper ?? `at ${request.remoteAddress}`);
    return ok({
      body: await services.scrape(encoding, scraper),
      headers: {
        vary: 'accept-encoding',
        ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
      },
    });
  },
});

/** Whether the caller has the token, if there is one; compared in a time that tells nothing of it. */
function mayScrape(token: string | null, authorization: string | undefined, principal: Principal): boolean {
  if (token === null || principal.via.kind === 'socket') return true;
  const [given, wanted] = [authorization ?? '', `Bearer ${token}`].map((text) =>
    createHash('sha256').update(text).digest(),
  );
  return given !== undefined && wanted !== undefined && timingSafeEqual(given, wanted);
}

/** Prometheus, and what scrapes like it, says how long it waits; nobody else does. */
function scraperOf(headers: IncomingHttpHeaders, name: string): string | null {
  return headers['x-prometheus-scrape-timeout-seconds'] === undefined ? null : name;
}
