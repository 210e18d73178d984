import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Site } from '../../web/site.js';
import { siteEncodings, type SiteFile } from '../../web/siteFile.js';
import { contentCoding } from '../contentCoding.js';
import type { Route } from '../route.js';

/** Everything comes from here; no page frames this one, and nothing inline runs. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Paths that are no pages, whoever asks for them. */
const machinePaths = /^\/(?:api|metrics|health|assets)(?:\/|$)/;

/**
 * GET of everything that no other route is at: the files of the web interface, and its page at each address that the
 * pages know themselves (`/clients/alice`). Whoever does not ask for HTML gets API_NOT_FOUND there.
 */
const getPage: Route = {
  method: 'GET',
  path: '/*',
  permission: 'everybody',
  operationId: 'getPage',
  summary: 'The web interface.',
  streams: false,
  register(app, { site }) {
    app.route({
      method: 'GET',
      url: '/*',
      config: { permission: 'everybody', counted: false },
      schema: { hide: true },
      handler: (request, reply) => {
        const file = wanted(site, request);
        if (file === null) reply.callNotFound();
        else send(request, reply, file, site.isBuilt ? 200 : 503);
      },
    });
  },
};

function wanted(site: Site, { url, headers }: FastifyRequest): SiteFile | null {
  const [path = ''] = url.split('?');
  if (path === '/') return site.index;
  const file = site.fileAt(path);
  if (file !== null) return file;
  const asksForPage = /(?:^|,)\s*text\/html\s*(?:;|,|$)/i.test(headers.accept ?? '');
  return asksForPage && !machinePaths.test(path) ? site.index : null;
}

function send(request: FastifyRequest, reply: FastifyReply, file: SiteFile, status: number): void {
  const offered = siteEncodings.filter((encoding) => file.compressed[encoding] !== undefined);
  const coding = contentCoding(request.headers['accept-encoding'] ?? '', offered);
  const body = coding === 'identity' ? file.body : (file.compressed[coding] ?? file.body);
  const tag = `"${file.tag}-${coding}"`;
  reply.headers({
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-security-policy': policy,
    etag: tag,
    vary: 'accept-encoding',
  });
  if (status === 200 && matches(request.headers['if-none-match'], tag)) {
    void reply.status(304).send();
    return;
  }
  if (coding !== 'identity') reply.header('content-encoding', coding);
  void reply.status(status).type(file.contentType).send(body);
}

/** RFC 9110 §13.1.2; a proxy may have made the tag a weak one. */
function matches(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((known) => known.trim().replace(/^W\//, '') === tag);
}

/** The last of all routes. */
export const pageRoutes: readonly Route[] = [getPage];
