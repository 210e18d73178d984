import type { RouteRecordRaw } from 'vue-router';

export const administratorsRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/administrators',
    name: 'administrators',
    component: () => import('./AdministratorsPage.vue'),
    meta: { title: 'administrators.title', needs: 'administrators:read' },
  },
];
