import type { RouteRecordRaw } from 'vue-router';

export const certificatesRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/certificates',
    name: 'certificates',
    component: () => import('./CertificatesPage.vue'),
    meta: { title: 'certificates.title', needs: 'certificates:read' },
  },
];
