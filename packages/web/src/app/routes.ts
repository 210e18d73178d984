import type { RouteRecordRaw } from 'vue-router';
import { overviewRoutes } from '../pages/overview/routes.js';
import { clientsRoutes } from '../pages/clients/routes.js';
import { sessionsRoutes } from '../pages/sessions/routes.js';
import { devicesRoutes } from '../pages/devices/routes.js';
import { groupsRoutes } from '../pages/groups/routes.js';
import { rulesRoutes } from '../pages/rules/routes.js';
import { flowsRoutes } from '../pages/flows/routes.js';
import { forwardsRoutes } from '../pages/forwards/routes.js';
import { auditRoutes } from '../pages/audit/routes.js';
import { usageRoutes } from '../pages/usage/routes.js';
import { logsRoutes } from '../pages/logs/routes.js';
import { poolsRoutes } from '../pages/pools/routes.js';
import { certificatesRoutes } from '../pages/certificates/routes.js';
import { webhooksRoutes } from '../pages/webhooks/routes.js';
import { tokensRoutes } from '../pages/tokens/routes.js';
import { administratorsRoutes } from '../pages/administrators/routes.js';
import { settingsRoutes } from '../pages/settings/routes.js';
import { accountRoutes } from '../pages/account/routes.js';
import type { PageNeeds } from './session.js';

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the title among the messages. */
    title?: string;
    needs?: PageNeeds;
    /** Without the shell around it. */
    bare?: boolean;
  }
}

/** Every page, each loaded when it is first opened. */
export const routes: readonly RouteRecordRaw[] = [
  {
    path: '/login',
    name: 'login',
    component: () => import('../pages/login/LoginPage.vue'),
    meta: { title: 'login.title', needs: 'everybody', bare: true },
  },
  {
    path: '/setup',
    name: 'setup',
    component: () => import('../pages/setup/SetupPage.vue'),
    meta: { title: 'setup.title', needs: 'everybody', bare: true },
  },
  ...overviewRoutes,
  ...clientsRoutes,
  ...sessionsRoutes,
  ...devicesRoutes,
  ...groupsRoutes,
  ...rulesRoutes,
  ...flowsRoutes,
  ...forwardsRoutes,
  ...auditRoutes,
  ...usageRoutes,
  ...logsRoutes,
  ...poolsRoutes,
  ...certificatesRoutes,
  ...webhooksRoutes,
  ...tokensRoutes,
  ...administratorsRoutes,
  ...settingsRoutes,
  ...accountRoutes,
  {
    path: '/:path(.*)*',
    name: 'missing',
    component: () => import('../pages/missing/MissingPage.vue'),
    meta: { title: 'missing.title', needs: 'signedIn' },
  },
];
