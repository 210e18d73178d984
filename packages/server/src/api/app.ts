import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import type { Principal } from '../administration/principal.js';
import type { Authentication } from './authentication.js';
import { failureOf, mostBodyBytes } from './failureOf.js';
import { Methods } from './methods.js';
import { describeRoutes } from './openapi.js';
import type { ApiFailure } from './problem.js';
import { isSecure } from './requestFacts.js';
import type { RoutePermission } from './routePermission.js';
import { sendProblem } from './sendProblem.js';
import { routes } from './routes.js';
import { securityHeaders } from './securityHeaders.js';
import type { ApiServices } from './services.js';
import { answerUnreadable } from './unreadable.js';
import { compileValidator } from './validation.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; absent on the answer to unknown paths. */
    permission?: RoutePermission;
    /** False: answering costs too little to be counted against the caller's address. */
    counted?: boolean;
  }
  interface FastifyRequest {
    /** Who makes it; set before anything of the body is read. */
    principal: Principal;
  }
}

export interface AppOptions {
  readonly services: ApiServices;
  readonly authentication: Authentication;
  readonly logger: Logger;
  /** `tcp`: callers have to show who they are. `socket`: the file system has decided who may. */
  readonly transport: 'tcp' | 'socket';
}

/** Bounds on what one caller can make the server hold. */
const limits = {
  headerBytes: 16_384,
  connections: 256,
  requestMs: 15_000,
  idleMs: 10_000,
};

/** The API as an application that does not listen yet; tests `inject`. */
export function buildApp({ services, authentication, logger, transport }: AppOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: mostBodyBytes,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionTimeout: 2 * limits.requestMs,
    forceCloseConnections: true,
    trustProxy: false,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.requestMs,
      // Node looks every 30 seconds otherwise, and the limits above would be three times as long.
      connectionsCheckingInterval: 5_000,
      // Node would answer without a body; here it is a problem like others.
      requireHostHeader: false,
    },
    routerOptions: { maxParamLength: 256 },
    frameworkErrors: (error, _request, reply) => {
      void sendProblem(reply.headers(securityHeaders), failureOf(error));
    },
    clientErrorHandler: answerUnreadable,
  });
  app.server.maxConnections = limits.connections;
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(serializerCompiler);
  const methods = new Methods(routes);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    const refusal = transport === 'socket' ? null : await refuse(authentication, request);
    if (refusal !== null) {
      // Whoever leaves Host out may mean another server: nothing more on this connection.
      if (request.headers.host === undefined) reply.header('connection', 'close');
      return sendProblem(reply, refusal);
    }
    if (transport === 'socket') request.principal = authentication.ofSocket();
    // Before anything of a body is read, whatever the method.
    const unrouted = request.is404 || methods.excludes(request.method, request.url);
    return unrouted ? answerUnrouted(methods, request, reply) : undefined;
  });
  app.setNotFoundHandler((request, reply) => answerUnrouted(methods, request, reply));
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
  app.register(async (scope) => {
    await describeRoutes(scope);
    for (const route of routes) route.register(scope, services);
  });
  return app;
}

/** Why a caller may not call the route; null if they may, and then it is known who they are. */
async function refuse(authentication: Authentication, request: FastifyRequest): Promise<ApiFailure | null> {
  // RFC 9112 §3.2.
  if (request.headers.host === undefined && request.raw.httpVersion === '1.1') {
    return { code: 'API_REQUEST_INVALID', message: 'Host is missing' };
  }
  const admitted = await authentication.ofTcp({
    method: request.method,
    permission: request.routeOptions.config.permission,
    counted: request.routeOptions.config.counted ?? true,
    headers: request.headers,
    remoteAddress: request.socket.remoteAddress ?? '',
    secure: isSecure(request),
  });
  if (!admitted.ok) return admitted.error;
  request.principal = admitted.value;
  return null;
}

/** There is no such route: another method of the path, a question for its methods, or no such path. */
function answerUnrouted(methods: Methods, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const allowed = methods.allowedAt(request.url);
  if (allowed === null) return sendProblem(reply, { code: 'API_NOT_FOUND', message: '' });
  reply.header('allow', allowed);
  if (request.method === 'OPTIONS') return reply.status(204).send();
  return sendProblem(reply, { code: 'API_METHOD_NOT_ALLOWED', message: `it takes ${allowed}` });
}
