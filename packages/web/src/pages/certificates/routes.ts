import type { RouteRecordRaw } from 'vue-router';

export const certificatesRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/certificates',
    name: 'certificates',
    component: () => import('./CertificatesPage.vue'),
    meta: { title: 'certificates.title', needs: 'certificates:read' },
  },
  {
    path: '/certificates/clients',
    name: 'client-certificates',
    component: () => import('./ClientCertificatesPage.vue'),
    meta: { title: 'certificates.title', needs: 'certificates:read' },
  },
  {
    path: '/certificates/links',
    name: 'enrolment-links',
    component: () => import('./EnrolmentLinksPage.vue'),
    meta: { title: 'certificates.title', needs: 'enrolments:read' },
  },
];
