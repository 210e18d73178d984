import type { RouteRecordRaw } from 'vue-router';

export const rulesRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/rules',
    name: 'rules',
    component: () => import('./RulesPage.vue'),
    meta: { title: 'rules.title', needs: 'rules:read' },
  },
  {
    path: '/rules/check',
    name: 'ruleCheck',
    component: () => import('./CheckPage.vue'),
    meta: { title: 'rules.check.title', needs: 'rules:read' },
  },
];
