import type { RouteRecordRaw } from 'vue-router';

export const devicesRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/devices',
    name: 'devices',
    component: () => import('./DevicesPage.vue'),
    meta: { title: 'devices.title', needs: 'signedIn' },
  },
];
