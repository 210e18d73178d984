import type { IncomingHttpHeaders } from 'node:http';
import { ok, type Result } from '@masque-vpn/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseIfMatch } from './entityTag.js';
import type { ApiFailure } from './problem.js';

/** What handlers may know of a request beside its parameters and body. */
export interface RequestFacts {
  /** Version that a change insists on; null: any. */
  readonly ifMatch: number | null;
  /** Last-Event-ID of a caller that resumes a stream of events; null: from now on. */
  readonly lastEventId: string | null;
  /** Peer's IP address; null on the Unix socket. */
  readonly remoteAddress: string | null;
  /** Whether the connection is TLS. */
  readonly secure: boolean;
  /** What the caller says it is; may be empty. */
  readonly userAgent: string;
  /** As received, names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Aborts when the caller went away before it had the whole answer. */
  readonly signal: AbortSignal;
}

/** Reads them. Code: API_REQUEST_INVALID. */
export function factsOf(request: FastifyRequest, reply: FastifyReply): Result<RequestFacts, ApiFailure> {
  const { headers } = request;
  const ifMatch = parseIfMatch(headers['if-match']);
  if (!ifMatch.ok) return ifMatch;
  const lastEventId = headers['last-event-id'];
  return ok({
    ifMatch: ifMatch.value,
    lastEventId: typeof lastEventId === 'string' ? lastEventId : null,
    remoteAddress: request.principal.actor.remoteAddress,
    secure: isSecure(request),
    userAgent: headers['user-agent'] ?? '',
    headers,
    signal: abortedByClose(reply),
  });
}

/** Whether a request came over TLS. */
export function isSecure({ socket }: FastifyRequest): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}

function abortedByClose(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
