import { Readable } from 'node:stream';
import { ok } from '@masque-vpn/protocol';
import type { AuditQuery, AuditRepository } from '../../store/audit.js';
import { AuditExportQuery, AuditListModel, AuditListQuery, auditModel, auditQuery } from '../models/audit.js';
import { cutPage, parseCursor, uuidKey } from '../page.js';
import { route, type Route } from '../route.js';
import { streamRoute } from '../streamRoute.js';

/** GET /api/v1/audit */
const listAudit = route({
  method: 'GET',
  path: '/api/v1/audit',
  permission: 'audit:read',
  operationId: 'listAudit',
  summary: 'Who did what, the newest first.',
  query: AuditListQuery,
  response: AuditListModel,
  handle: async ({ query, services }) => {
    const before = parseCursor(query.cursor, uuidKey);
    if (!before.ok) return before;
    const { limit } = query;
    const place = before.value === null ? {} : { before: before.value[0] };
    const found = await services.audit.list({ ...auditQuery(query), ...place, limit: limit + 1 });
    return ok(cutPage(found, limit, ({ uuid }) => [uuid], auditModel));
  },
});

/** GET /api/v1/audit/export — all that matches, one JSON object a line, the newest first. */
const exportAudit = streamRoute({
  path: '/api/v1/audit/export',
  permission: 'audit:read',
  operationId: 'exportAudit',
  summary: 'Who did what, as one JSON object a line, the newest first.',
  contentType: 'application/x-ndjson; charset=utf-8',
  query: AuditExportQuery,
  handle: async ({ query, services }) => {
    const pages = auditPages(services.audit, auditQuery(query));
    // The first page before the answer begins: a store that is lost is answered with 503.
    const first = await pages.next();
    return ok({
      body: Readable.from(first.done === true ? [] : continued(first.value, pages)),
      headers: { 'content-disposition': 'attachment; filename="masque-vpn-audit.jsonl"' },
    });
  },
});

const pageLines = 500;

async function* auditPages(audit: Pick<AuditRepository, 'list'>, query: AuditQuery): AsyncGenerator<string> {
  for (let before: string | null = null; ;) {
    const place: AuditQuery = before === null ? {} : { before };
    const entries = await audit.list({ ...query, ...place, limit: pageLines });
    if (entries.length > 0) {
      yield entries.map((entry) => `${JSON.stringify(auditModel(entry))}\n`).join('');
    }
    before = entries.at(-1)?.uuid ?? null;
    if (entries.length < pageLines || before === null) return;
  }
}

async function* continued(first: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

/** Every route of the audit log. */
export const auditRoutes: readonly Route[] = [listAudit, exportAudit];
