import type { RouteRecordRaw } from 'vue-router';

export const overviewRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/',
    name: 'overview',
    component: () => import('./OverviewPage.vue'),
    meta: { title: 'overview.title', needs: 'server:read' },
  },
];
