import type { Result } from '@masque-vpn/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { ProblemModel } from './models.js';
import { problemOf, type ApiFailure } from './problem.js';
import type { ApiServices } from './services.js';

/** Who may call: `everybody` who reaches the port, or `local` callers only (Unix socket, loopback). */
export type Access = 'everybody' | 'local';

/** A route before it is part of an application. */
export interface Route {
  readonly access: Access;
  readonly method: string;
  readonly path: string;
  register(app: FastifyInstance, services: ApiServices): void;
}

interface RouteParts<Params extends z.ZodType, Body extends z.ZodType, Response extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly access: Access;
  readonly params?: Params;
  readonly body?: Body;
  /** Status of success; default 200. */
  readonly status?: 200 | 201 | 204;
  readonly response: Response;
  readonly contentType?: string;
  /** One call of a service; an expected failure is a value and becomes problem details. */
  readonly handle: (input: {
    readonly params: z.output<Params>;
    readonly body: z.output<Body>;
    readonly services: ApiServices;
  }) => Reply<z.input<Response>> | Promise<Reply<z.input<Response>>>;
}

/** What a handler returns. */
export type Reply<T> = Result<T, ApiFailure>;

/** Declares a route: its schema validates what comes in and what goes out. */
export function route<
  Response extends z.ZodType,
  Params extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(parts: RouteParts<Params, Body, Response>): Route {
  const { method, path, access, params, body, response, status = 200 } = parts;
  return {
    access,
    method,
    path,
    register(app, services) {
      app.route({
        method,
        url: path,
        config: { access },
        schema: {
          ...(params === undefined ? {} : { params }),
          ...(body === undefined ? {} : { body }),
          response: { [status]: response, '4xx': ProblemModel, '5xx': ProblemModel },
        },
        handler: async (request, reply) => {
          // The schemas above have parsed both already; absent ones are undefined by their type.
          const input = {
            params: request.params as z.output<Params>,
            body: request.body as z.output<Body>,
            services,
          };
          const outcome = await parts.handle(input);
          if (!outcome.ok) return sendProblem(reply, outcome.error);
          return reply
            .status(status)
            .header('cache-control', 'no-store')
            .type(parts.contentType ?? 'application/json; charset=utf-8')
            .send(outcome.value);
        },
      });
    },
  };
}

/** Answers with problem details (RFC 9457 §3). */
export function sendProblem(reply: FastifyReply, failure: ApiFailure): FastifyReply {
  const problem = problemOf(failure);
  return reply
    .status(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send(problem);
}
