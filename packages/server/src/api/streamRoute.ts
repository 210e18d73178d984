import type { Readable } from 'node:stream';
import { z } from 'zod';
import { permit } from './authentication.js';
import { factsOf } from './requestFacts.js';
import {
  describeOperation,
  inputOf,
  problemResponses,
  type Reply,
  type Route,
  type RouteDeclaration,
  type RouteInput,
} from './route.js';
import { sendProblem } from './sendProblem.js';

/** An answer that is written piece by piece. */
export interface StreamedAnswer {
  /** Destroyed when the caller goes away. */
  readonly body: Readable;
  /** Beside Content-Type and Cache-Control. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface StreamRoute<Params extends z.ZodType, Query extends z.ZodType> extends RouteDeclaration<
  Params,
  Query
> {
  readonly contentType: string;
  readonly handle: (
    input: RouteInput<Params, Query, z.ZodUndefined>,
  ) => Reply<StreamedAnswer> | Promise<Reply<StreamedAnswer>>;
}

/**
 * Declares a GET route that answers with a stream: metrics, files, server-sent events (`text/event-stream`). A
 * connection that carries nothing for 30 seconds is cut: events need a comment line now and then. Whoever loses the
 * right to a stream loses the stream within ten seconds.
 */
export function streamRoute<
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
>(parts: StreamRoute<Params, Query>): Route {
  const { path, permission, operationId, summary, params, query, contentType } = parts;
  return {
    method: 'GET',
    path,
    permission,
    operationId,
    summary,
    streams: true,
    register(app, services) {
      app.route({
        method: 'GET',
        url: path,
        // A HEAD that nobody reads would leave the stream open.
        exposeHeadRoute: false,
        config: { permission },
        schema: {
          ...describeOperation(parts),
          ...(params === undefined ? {} : { params }),
          ...(query === undefined ? {} : { querystring: query }),
          response: {
            200: { description: 'A stream.', content: { [contentType]: { schema: z.string() } } },
            ...problemResponses,
          },
        },
        handler: async (request, reply) => {
          const facts = factsOf(request, reply);
          if (!facts.ok) return sendProblem(reply, facts.error);
          const input = inputOf<Params, Query, z.ZodUndefined>(request, reply, facts.value, services);
          const outcome = await parts.handle(input);
          if (!outcome.ok) return sendProblem(reply, outcome.error);
          const { body, headers = {} } = outcome.value;
          const { watches } = services.administration;
          const watch = watches.watch(
            request.principal,
            (now) => permit(now, permission).ok,
            () => body.destroy(),
          );
          body.once('close', () => watch[Symbol.dispose]());
          return reply
            .headers({ 'cache-control': 'no-store', ...headers })
            .type(contentType)
            .send(body);
        },
      });
    },
  };
}
