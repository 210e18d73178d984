import type { RouteRecordRaw } from 'vue-router';

export const accountRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/account',
    name: 'account',
    component: () => import('./AccountPage.vue'),
    meta: { title: 'account.title', needs: 'signedIn' },
  },
];
