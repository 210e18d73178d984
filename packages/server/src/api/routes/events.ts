import { fail, ok } from '@masque-vpn/protocol';
import type { LiveEvent } from '../../events/liveEvent.js';
import { recordedLevels } from '../../process/logRing.js';
import { EventQuery, topicPermissions } from '../models/event.js';
import type { Route } from '../route.js';
import { streamRoute } from '../streamRoute.js';

/** GET /api/v1/events — what happens, as server-sent events. */
const listenToEvents = streamRoute({
  path: '/api/v1/events',
  permission: 'signedIn',
  operationId: 'listenToEvents',
  summary: 'What happens, as server-sent events that can be resumed.',
  contentType: 'text/event-stream; charset=utf-8',
  query: EventQuery,
  handle: ({ query, principal, request, services }) => {
    const forbidden = query.topics.find((topic) => !principal.permissions.has(topicPermissions[topic]));
    if (forbidden !== undefined) {
      const message = `the topic "${forbidden}" needs ${topicPermissions[forbidden]}`;
      return fail({ code: 'API_FORBIDDEN', message });
    }
    const { kind, name } = principal.actor;
    const opened = services.events.open({
      topics: query.topics,
      accepts: (event) => isWanted(event, query),
      lastEventId: request.lastEventId ?? query.lastEventId ?? null,
      actor: `${kind} ${name}`,
    });
    if (!opened.ok) return opened;
    // Proxies that buffer answers would hold events back.
    return ok({ body: opened.value, headers: { 'x-accel-buffering': 'no' } });
  },
});

function isWanted(event: LiveEvent, { client, session, level }: EventQuery): boolean {
  if (event.topic === 'metrics') return true;
  if (client !== undefined && event.clientId !== client) return false;
  if (session !== undefined && event.sessionId !== session) return false;
  return event.topic !== 'logs' || weight(levelOf(event)) >= weight(level);
}

/** Of the topic logs. */
function levelOf({ data }: LiveEvent): string {
  return typeof data === 'object' && data !== null && 'level' in data ? String(data.level) : 'info';
}

function weight(level: string): number {
  return recordedLevels.findIndex((known) => known === level);
}

/** Every route of live events. */
export const eventRoutes: readonly Route[] = [listenToEvents];
