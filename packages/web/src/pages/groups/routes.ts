import type { RouteRecordRaw } from 'vue-router';

export const groupsRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/groups',
    name: 'groups',
    component: () => import('./GroupsPage.vue'),
    meta: { title: 'groups.title', needs: 'groups:read' },
  },
];
