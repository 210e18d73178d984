import type { RouteRecordRaw } from 'vue-router';

export const sessionsRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/sessions',
    name: 'sessions',
    component: () => import('./SessionsPage.vue'),
    meta: { title: 'sessions.title', needs: 'sessions:read' },
  },
];
