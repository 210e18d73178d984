import type { RouteRecordRaw } from 'vue-router';

const needs = 'clients:read';

/**
 * The clients. A client's pages have one more part than its id, so that a client may be called `new`.
 */
export const clientsRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/clients',
    children: [
      {
        path: '',
        name: 'clients',
        component: () => import('./ClientsPage.vue'),
        meta: { title: 'clients.title', needs },
      },
      {
        path: 'new',
        name: 'newClient',
        component: () => import('./NewClientPage.vue'),
        meta: { title: 'clients.new.title', needs: 'clients:write' },
      },
      {
        path: ':id',
        component: () => import('./ClientPage.vue'),
        props: true,
        meta: { title: 'clients.client', needs },
        children: [
          { path: '', redirect: { name: 'client' } },
          {
            path: 'overview',
            name: 'client',
            component: () => import('./overview/ClientOverview.vue'),
          },
          {
            path: 'help',
            name: 'clientHelp',
            component: () => import('./diagnosis/ClientHelp.vue'),
          },
          {
            path: 'sessions',
            name: 'clientSessions',
            component: () => import('./sessions/ClientSessions.vue'),
          },
          {
            path: 'usage',
            name: 'clientUsage',
            component: () => import('./usage/ClientUsage.vue'),
          },
          {
            path: 'credentials',
            name: 'clientCredentials',
            component: () => import('./credentials/ClientCredentials.vue'),
          },
          {
            path: 'access',
            name: 'clientAccess',
            component: () => import('./access/ClientAccess.vue'),
          },
          {
            path: 'history',
            name: 'clientHistory',
            component: () => import('./history/ClientHistory.vue'),
          },
        ],
      },
    ],
  },
];
