import { ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { LogListModel, LogListQuery } from '../models/log.js';
import { cutPage, parseCursor } from '../page.js';
import { route, type Route } from '../route.js';

const numberKey = z.tuple([z.int().positive()]);

/** GET /api/v1/logs — the last lines of this server's log; `GET /api/v1/events?topics=logs` goes on from there. */
const listLogs = route({
  method: 'GET',
  path: '/api/v1/logs',
  permission: 'logs:read',
  operationId: 'listLogs',
  summary: 'The last lines of this server’s log, the newest first.',
  query: LogListQuery,
  response: LogListModel,
  handle: ({ query, services }) => {
    const before = parseCursor(query.cursor, numberKey);
    if (!before.ok) return before;
    const found = services.logs.list({
      level: query.level ?? null,
      clientId: query.client ?? null,
      sessionId: query.session ?? null,
      text: query.q ?? null,
      before: before.value?.[0] ?? null,
      limit: query.limit,
    });
    return ok(
      cutPage(
        found,
        query.limit,
        ({ number }) => [number],
        ({ number: _number, ...entry }) => entry,
      ),
    );
  },
});

/** Every route of the log. */
export const logRoutes: readonly Route[] = [listLogs];
