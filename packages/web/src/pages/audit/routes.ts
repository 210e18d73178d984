import type { RouteRecordRaw } from 'vue-router';

export const auditRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/audit',
    name: 'audit',
    component: () => import('./AuditPage.vue'),
    meta: { title: 'audit.title', needs: 'audit:read' },
  },
];
