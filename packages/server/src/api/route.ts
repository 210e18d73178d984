import type { Result } from '@masque-vpn/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../audit/actor.js';
import type { Principal } from '../administration/principal.js';
import { answerOnce } from './answerOnce.js';
import { ProblemModel } from './models/problem.js';
import { describePermission, idempotencyHeader, ifMatchHeader } from './openapi.js';
import type { ApiFailure } from './problem.js';
import { factsOf, type RequestFacts } from './requestFacts.js';
import type { RoutePermission } from './routePermission.js';
import { sendProblem } from './sendProblem.js';
import type { ApiServices } from './services.js';

/** A route before it is part of an application. */
export interface Route {
  readonly method: Method;
  /** As fastify writes it, `/api/v1/clients/:id`. */
  readonly path: string;
  readonly permission: RoutePermission;
  /** Name in the OpenAPI document, unique: `listClients`. Clients are generated with it. */
  readonly operationId: string;
  /** One line for the OpenAPI document. */
  readonly summary: string;
  /** Whether it answers with what it writes piece by piece: files, events. */
  readonly streams: boolean;
  register(app: FastifyInstance, services: ApiServices): void;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a handler returns. */
export type Reply<T> = Result<T, ApiFailure>;

/** What a handler gets. */
export interface RouteInput<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  readonly params: z.output<Params>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
  /** For the audit log. */
  readonly actor: Actor;
  readonly principal: Principal;
  readonly services: ApiServices;
  readonly request: RequestFacts;
  /** Adds to the answer's header section; for what the model cannot say (Location, Set-Cookie). */
  readonly setHeader: (name: string, value: string) => void;
}

/** What every kind of route declares. */
export interface RouteDeclaration<Params extends z.ZodType, Query extends z.ZodType> {
  readonly path: string;
  readonly permission: RoutePermission;
  readonly operationId: string;
  readonly summary: string;
  readonly params?: Params;
  /** A strict object; numbers are coerced: see `page.ts`. */
  readonly query?: Query;
}

interface JsonRoute<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Response extends z.ZodType,
> extends RouteDeclaration<Params, Query> {
  readonly method: Method;
  readonly body?: Body;
  /** The largest body, where that is more than others take. */
  readonly bodyBytes?: number;
  /** Status of success; default 200. */
  readonly status?: 200 | 201 | 202 | 204 | 303;
  /** A value with a whole number `version` is answered with it as its entity tag. */
  readonly response: Response;
  /** One call of a service; an expected failure is a value and becomes problem details. */
  readonly handle: (
    input: RouteInput<Params, Query, Body>,
  ) => Reply<z.input<Response>> | Promise<Reply<z.input<Response>>>;
}

/** Declares a route that takes and answers JSON: its schemas validate what comes in and what goes out. */
export function route<
  Response extends z.ZodType,
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(parts: JsonRoute<Params, Query, Body, Response>): Route {
  const { method, path, permission, operationId, summary, params, query, body, response } = parts;
  const { status = 200 } = parts;
  return {
    method,
    path,
    permission,
    operationId,
    summary,
    streams: false,
    register(app, services) {
      app.route({
        method,
        url: path,
        config: { permission },
        ...(parts.bodyBytes === undefined ? {} : { bodyLimit: parts.bodyBytes }),
        schema: {
          ...describeOperation(parts),
          ...(params === undefined ? {} : { params }),
          ...(query === undefined ? {} : { querystring: query }),
          ...(body === undefined ? {} : { body }),
          ...headersOf(method, status),
          response: { [status]: response, ...problemResponses },
        },
        handler: async (request, reply) => {
          const facts = factsOf(request, reply);
          if (!facts.ok) return sendProblem(reply, facts.error);
          const input = inputOf<Params, Query, Body>(request, reply, facts.value, services);
          reply.header('cache-control', 'no-store').type('application/json; charset=utf-8');
          return answerOnce(request, reply, { status, services }, async () => parts.handle(input));
        },
      });
    },
  };
}

/** Failures are problem details, whatever the route. */
export const problemResponses = {
  '4xx': problemResponse('The request is refused; `code` says why.'),
  '5xx': problemResponse('The server cannot answer it now; `code` says why.'),
} as const;

function problemResponse(description: string): {
  readonly description: string;
  readonly content: { readonly 'application/problem+json': { readonly schema: typeof ProblemModel } };
} {
  return { description, content: { 'application/problem+json': { schema: ProblemModel } } };
}

function headersOf(method: Method, status: number): { readonly headers?: z.ZodType } {
  if (method === 'POST') return status === 201 ? { headers: idempotencyHeader } : {};
  return method === 'GET' ? {} : { headers: ifMatchHeader };
}

/** What the OpenAPI document says of a route besides its schemas. */
export function describeOperation(parts: Omit<RouteDeclaration<z.ZodType, z.ZodType>, 'params' | 'query'>): {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly description: string;
  readonly security?: readonly [];
} {
  const [, api, , noun = ''] = parts.path.split('/');
  return {
    operationId: parts.operationId,
    summary: parts.summary,
    tags: [api === 'api' ? noun : 'observability'],
    ...describePermission(parts.permission),
  };
}

/** Puts together what a handler gets. */
export function inputOf<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  request: FastifyRequest,
  reply: FastifyReply,
  facts: RequestFacts,
  services: ApiServices,
): RouteInput<Params, Query, Body> {
  const { principal } = request;
  return {
    // The route's schemas have parsed these; absent ones are undefined by their type.
    params: request.params as z.output<Params>,
    query: request.query as z.output<Query>,
    body: request.body as z.output<Body>,
    actor: principal.actor,
    principal,
    services,
    request: facts,
    setHeader: (name, value) => void reply.header(name, value),
  };
}
