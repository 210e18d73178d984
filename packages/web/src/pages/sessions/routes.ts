import type { RouteRecordRaw } from 'vue-router';

export const sessionsRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/sessions',
    name: 'sessions',
    component: () => import('./SessionsPage.vue'),
    meta: { title: 'sessions.title', needs: 'sessions:read' },
  },
  {
    path: '/sessions/history',
    name: 'sessionHistory',
    component: () => import('./SessionHistoryPage.vue'),
    meta: { title: 'sessions.title', needs: 'sessions:read' },
  },
  {
    path: '/sessions/:id',
    name: 'session',
    component: () => import('./SessionPage.vue'),
    meta: { title: 'sessions.detail', needs: 'sessions:read' },
  },
];
