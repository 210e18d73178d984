import type { RouteRecordRaw } from 'vue-router';

export const flowsRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/flows',
    name: 'flows',
    component: () => import('./FlowsPage.vue'),
    meta: { title: 'flows.title', needs: 'flows:read' },
  },
];
