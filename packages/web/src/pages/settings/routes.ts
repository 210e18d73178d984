import type { RouteRecordRaw } from 'vue-router';

export const settingsRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/settings',
    name: 'settings',
    component: () => import('./SettingsPage.vue'),
    meta: { title: 'settings.title', needs: 'settings:read' },
  },
];
