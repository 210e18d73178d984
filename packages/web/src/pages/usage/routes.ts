import type { RouteRecordRaw } from 'vue-router';

export const usageRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/usage',
    name: 'usage',
    component: () => import('./UsagePage.vue'),
    meta: { title: 'usage.title', needs: 'usage:read' },
  },
];
