import type { FastifyReply } from 'fastify';
import { problemOf, type ApiFailure } from './problem.js';

/** Answers with problem details (RFC 9457 §3). */
export function sendProblem(reply: FastifyReply, failure: ApiFailure): FastifyReply {
  const problem = problemOf(failure);
  if (failure.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(Math.max(1, Math.ceil(failure.retryAfterSeconds))));
  }
  return reply
    .status(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send(problem);
}
