import { ok } from '@masque-vpn/protocol';
import type { Route } from '../route.js';
import { streamRoute } from '../streamRoute.js';

/** GET /api/v1/server/backup — everything in the database, as a file that `masque-vpn server restore` takes. */
const getBackup = streamRoute({
  path: '/api/v1/server/backup',
  permission: 'server:write',
  operationId: 'getBackup',
  summary: 'Everything in the database as a file that can be restored.',
  contentType: 'application/gzip',
  handle: async ({ principal, services }) =>
    ok({
      body: await services.backup(principal.actor),
      headers: { 'content-disposition': 'attachment; filename="masque-vpn.backup"' },
    }),
});

export const backupRoutes: readonly Route[] = [getBackup];
