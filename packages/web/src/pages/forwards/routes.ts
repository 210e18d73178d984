import type { RouteRecordRaw } from 'vue-router';

export const forwardsRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/port-forwards',
    name: 'forwards',
    component: () => import('./ForwardsPage.vue'),
    meta: { title: 'forwards.title', needs: 'rules:read' },
  },
  {
    path: '/port-forwards/networks',
    name: 'networks',
    component: () => import('./NetworksPage.vue'),
    meta: { title: 'forwards.networks.title', needs: 'clients:read' },
  },
];
