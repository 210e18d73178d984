import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { StoreError } from '../store/storeError.js';
import { allPermissions, noPermissions } from '../administration/permissions.js';
import type { Principal } from '../administration/principal.js';
import { localActor } from '../audit/actor.js';
import { refuseLocal } from './access.js';
import type { ApiFailure } from './problem.js';
import { sendProblem, type Route, type RoutePermission } from './route.js';
import { clientRoutes } from './routes/client.js';
import { clientsRoutes } from './routes/clients.js';
import { getHealth } from './routes/health.js';
import { getMetrics } from './routes/metrics.js';
import { listSessions } from './routes/sessions.js';
import { getStatus } from './routes/status.js';
import type { ApiServices } from './services.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; absent on the answer to unknown paths. */
    permission?: RoutePermission;
    /** Content type of a route that streams its answer. */
    streamedAs?: string;
  }
  interface FastifyRequest {
    /** Who makes it; set before anything of the body is read. */
    principal: Principal;
  }
}

/** Every route of the API. */
export const routes: readonly Route[] = [
  getMetrics,
  getHealth,
  getStatus,
  listSessions,
  ...clientsRoutes,
  ...clientRoutes,
];

export interface AppOptions {
  readonly services: ApiServices;
  readonly logger: Logger;
  /** `tcp`: routes for local callers are guarded. `socket`: the file system has decided who may. */
  readonly transport: 'tcp' | 'socket';
}

/** Bounds on what one caller can make the server hold. */
const limits = {
  bodyBytes: 65_536,
  headerBytes: 16_384,
  connections: 256,
  requestMs: 15_000,
  idleMs: 10_000,
};

/** The API as an application that does not listen yet; tests `inject`. */
export function buildApp({ services, logger, transport }: AppOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionTimeout: 2 * limits.requestMs,
    forceCloseConnections: true,
    trustProxy: false,
    http: { maxHeaderSize: limits.headerBytes, headersTimeout: limits.requestMs },
  });
  app.server.maxConnections = limits.connections;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook('onRequest', transport === 'tcp' ? guard : admitLocal);
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, { code: 'API_NOT_FOUND', message: '' }));
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const failure = failureOf(error);
    if (failure.code === 'API_INTERNAL_ERROR') {
      logger.error(
        { err: error, method: request.method, path: request.routeOptions.url },
        'a request failed',
      );
    }
    return sendProblem(reply, failure);
  });
  for (const route of routes) route.register(app, services);
  return app;
}

/** Whoever the file system let in. */
const local: Principal = {
  actor: localActor,
  permissions: allPermissions,
  administratorUuid: null,
  person: null,
};

async function admitLocal(request: FastifyRequest): Promise<void> {
  request.principal = local;
}

/** Lets only callers of this machine past, except where the route is for everybody. */
async function guard(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const { headers, socket } = request;
  const remoteAddress = socket.remoteAddress ?? '';
  if (request.routeOptions.config.permission === 'everybody') {
    const actor = { kind: 'anonymous', name: 'anonymous', remoteAddress } as const;
    request.principal = { actor, permissions: noPermissions, administratorUuid: null, person: null };
    return undefined;
  }
  const code = refuseLocal({
    remoteAddress,
    host: headers.host,
    origin: headers.origin,
    forwarded: 'forwarded' in headers || 'x-forwarded-for' in headers,
  });
  if (code !== null) return sendProblem(reply, { code, message: hints[code] ?? '' });
  request.principal = local;
  return undefined;
}

const hints: Readonly<Partial<Record<ApiFailure['code'], string>>> = {
  API_LOCAL_ONLY: 'use the masque-vpn command on the server, or this port from the server itself',
  API_HOST_REFUSED: 'call it localhost or 127.0.0.1',
};

function failureOf(error: FastifyError | Error): ApiFailure {
  if (error instanceof StoreError) return { code: error.code, message: error.message };
  if (hasZodFastifySchemaValidationErrors(error)) {
    const message = error.validation
      .map(
        ({ instancePath, message: text }) => `${instancePath.slice(1).replaceAll('/', '.')}: ${text ?? ''}`,
      )
      .join('; ');
    return { code: 'API_REQUEST_INVALID', message };
  }
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (status === 413) return { code: 'API_BODY_TOO_LARGE', message: `at most ${limits.bodyBytes} bytes` };
  if (status === 415) return { code: 'API_UNSUPPORTED_MEDIA_TYPE', message: '' };
  if (status !== undefined && status >= 400 && status < 500) {
    return { code: 'API_REQUEST_INVALID', message: error.message };
  }
  return { code: 'API_INTERNAL_ERROR', message: 'the log of the server says why' };
}
