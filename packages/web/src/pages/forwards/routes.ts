import type { RouteRecordRaw } from 'vue-router';

export const forwardsRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/port-forwards',
    name: 'forwards',
    component: () => import('./ForwardsPage.vue'),
    meta: { title: 'forwards.title', needs: 'rules:read' },
  },
];
