import type { RouteRecordRaw } from 'vue-router';

export const logsRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/logs',
    name: 'logs',
    component: () => import('./LogsPage.vue'),
    meta: { title: 'logs.title', needs: 'logs:read' },
  },
];
