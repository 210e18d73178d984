import type { RouteRecordRaw } from 'vue-router';

export const poolsRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/pools',
    name: 'pools',
    component: () => import('./PoolsPage.vue'),
    meta: { title: 'pools.title', needs: 'pools:read' },
  },
];
