import type { RouteRecordRaw } from 'vue-router';

export const webhooksRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/webhooks',
    name: 'webhooks',
    component: () => import('./WebhooksPage.vue'),
    meta: { title: 'webhooks.title', needs: 'webhooks:read' },
  },
  {
    path: '/webhooks/:id',
    name: 'webhook',
    component: () => import('./WebhookPage.vue'),
    meta: { title: 'webhooks.title', needs: 'webhooks:read' },
  },
];
