import type { RouteRecordRaw } from 'vue-router';

export const tokensRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/tokens',
    name: 'tokens',
    component: () => import('./TokensPage.vue'),
    meta: { title: 'tokens.title', needs: 'tokens:read' },
  },
];
