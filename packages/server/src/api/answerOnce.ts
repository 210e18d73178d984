import type { Result } from '@masque-vpn/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { formatEntityTag } from './entityTag.js';
import type { Reservation } from './idempotency.js';
import type { ApiFailure } from './problem.js';
import { sendProblem } from './sendProblem.js';
import type { ApiServices } from './services.js';

/** What answers a request. */
type Work = () => Promise<Result<unknown, ApiFailure>>;

interface Success {
  /** Status of a success. */
  readonly status: number;
  readonly services: Pick<ApiServices, 'idempotency'>;
}

/** Answers with what the work returns; a creation that has an idempotency key is done once, however often it comes. */
export async function answerOnce(
  request: FastifyRequest,
  reply: FastifyReply,
  success: Success,
  work: Work,
): Promise<FastifyReply> {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || success.status !== 201) return answer(reply, success, work, null);
  const begun = await success.services.idempotency.begin({
    key,
    caller: callerOf(request),
    method: request.method,
    url: request.url,
    body: request.body,
  });
  if (!begun.ok) return sendProblem(reply, begun.error);
  if ('answered' in begun.value) return answer(reply, success, work, begun.value);
  const { status, body } = begun.value;
  return reply.status(status).header('idempotency-replayed', 'true').send(body);
}

async function answer(
  reply: FastifyReply,
  { status }: Success,
  work: Work,
  reservation: Reservation | null,
): Promise<FastifyReply> {
  let outcome;
  try {
    outcome = await (reservation === null ? work() : reservation.run(work));
  } catch (error) {
    await reservation?.broke().catch(() => undefined);
    throw error;
  }
  if (!outcome.ok) {
    await reservation?.refused();
    return sendProblem(reply, outcome.error);
  }
  const tag = formatEntityTag(outcome.value);
  if (tag !== null) reply.header('etag', tag);
  reply.status(status);
  if (reservation === null) return reply.send(outcome.value);
  const text = reply.serialize(outcome.value);
  const body = typeof text === 'string' ? text : JSON.stringify(outcome.value);
  await reservation.answered({ status, body });
  return reply.send(body);
}

/** Whose key it is: the same words of somebody else are another key. */
function callerOf({ principal: { actor, via } }: FastifyRequest): string {
  switch (via.kind) {
    case 'cookie':
      return `administrator ${via.administratorUuid ?? actor.name}`;
    case 'token':
      return `token ${via.tokenUuid}`;
    default:
      return via.kind;
  }
}
