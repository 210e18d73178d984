import type { RouteRecordRaw } from 'vue-router';

export const settingsRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/settings',
    name: 'settings',
    component: () => import('./SettingsPage.vue'),
    meta: { title: 'settings.title', needs: 'settings:read' },
  },
  {
    path: '/settings/configuration',
    name: 'configuration',
    component: () => import('./ConfigurationPage.vue'),
    meta: { title: 'settings.tab.configuration', needs: 'server:read' },
  },
];
