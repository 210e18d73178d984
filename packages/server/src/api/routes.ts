import type { Route } from './route.js';
import { accountRoutes } from './routes/account.js';
import { administratorRoutes } from './routes/administrators.js';
import { auditRoutes } from './routes/audit.js';
import { certificateRoutes } from './routes/certificates.js';
import { backupRoutes } from './routes/backup.js';
import { getChecks } from './routes/checks.js';
import { clientRoutes } from './routes/client.js';
import { clientPrefixRoutes } from './routes/clientPrefixes.js';
import { clientsRoutes } from './routes/clients.js';
import { clientTokenRoutes } from './routes/clientTokens.js';
import { enrolmentRoutes } from './routes/enrolments.js';
import { pkiRoutes } from './routes/pki.js';
import { getDiagnosis } from './routes/diagnosis.js';
import { eventRoutes } from './routes/events.js';
import { flowRoutes } from './routes/flows.js';
import { groupRoutes } from './routes/groups.js';
import { getHealth } from './routes/health.js';
import { deviceRoutes } from './routes/devices.js';
import { loginRoutes } from './routes/login.js';
import { oidcRoutes } from './routes/oidc.js';
import { logRoutes } from './routes/logs.js';
import { getOpenApi } from './routes/openapi.js';
import { getMetrics } from './routes/metrics.js';
import { pageRoutes } from './routes/pages.js';
import { poolRoutes } from './routes/pools.js';
import { portForwardRoutes } from './routes/portForwards.js';
import { ruleRoutes } from './routes/rules.js';
import { sessionRoutes } from './routes/sessions.js';
import { settingRoutes } from './routes/settings.js';
import { webhookRoutes } from './routes/webhooks.js';
import { getStatus } from './routes/status.js';
import { getThroughput } from './routes/throughput.js';
import { tokenRoutes } from './routes/tokens.js';
import { usageRoutes } from './routes/usage.js';

/** Every route of the API. */
export const routes: readonly Route[] = [
  getMetrics,
  getHealth,
  getStatus,
  getChecks,
  getThroughput,
  getOpenApi,
  ...sessionRoutes,
  ...poolRoutes,
  ...settingRoutes,
  ...auditRoutes,
  ...backupRoutes,
  ...logRoutes,
  ...eventRoutes,
  ...webhookRoutes,
  ...loginRoutes,
  ...oidcRoutes,
  ...accountRoutes,
  ...deviceRoutes,
  ...administratorRoutes,
  ...tokenRoutes,
  ...clientsRoutes,
  ...clientRoutes,
  getDiagnosis,
  ...enrolmentRoutes,
  ...certificateRoutes,
  ...clientTokenRoutes,
  ...pkiRoutes,
  ...clientPrefixRoutes,
  ...groupRoutes,
  ...ruleRoutes,
  ...portForwardRoutes,
  ...flowRoutes,
  ...usageRoutes,
  ...pageRoutes,
];
