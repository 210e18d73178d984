import { contentType } from '../../metrics/exposition.js';
import type { Encoding } from '../../metrics/scrape.js';
import type { Route } from '../route.js';

/** GET /metrics — all metrics in Prometheus' text format 0.0.4, as a stream, compressed for those who take it. */
export const getMetrics: Route = {
  access: 'everybody',
  method: 'GET',
  path: '/metrics',
  register(app, services) {
    app.route({
      method: 'GET',
      url: '/metrics',
      config: { access: 'everybody' },
      handler: async (request, reply) => {
        const encoding = encodingFor(request.headers['accept-encoding'] ?? '');
        const body = await services.scrape(encoding);
        if (encoding !== 'identity') reply.header('content-encoding', encoding);
        return reply
          .header('cache-control', 'no-store')
          .header('vary', 'accept-encoding')
          .type(contentType)
          .send(body);
      },
    });
  },
};

/** gzip if the caller names it and does not refuse it with q=0 (RFC 9110 §12.5.3). */
function encodingFor(accepted: string): Encoding {
  const gzip = accepted
    .toLowerCase()
    .split(',')
    .map((part) => part.replaceAll(/\s/g, ''))
    .find((part) => part === 'gzip' || part.startsWith('gzip;'));
  return gzip === undefined || /;q=0(\.0*)?$/.test(gzip) ? 'identity' : 'gzip';
}
