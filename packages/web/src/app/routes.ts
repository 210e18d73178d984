import type { RouteRecordRaw } from 'vue-router';
import type { Permission } from './session.js';

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the title among the messages. */
    title?: string;
    /** `everybody`: without signing in; `signedIn`: without any permission. */
    needs?: Permission | 'everybody' | 'signedIn';
    /** Without the shell around it. */
    bare?: boolean;
  }
}

/** Every page, each loaded when it is first opened. */
export const routes: readonly RouteRecordRaw[] = [
  {
    path: '/login',
    name: 'login',
    component: () => import('../pages/login/LoginPage.vue'),
    meta: { title: 'login.title', needs: 'everybody', bare: true },
  },
  {
    path: '/setup',
    name: 'setup',
    component: () => import('../pages/setup/SetupPage.vue'),
    meta: { title: 'setup.title', needs: 'everybody', bare: true },
  },
  {
    path: '/:path(.*)*',
    name: 'missing',
    component: () => import('../pages/missing/MissingPage.vue'),
    meta: { title: 'missing.title', needs: 'signedIn' },
  },
];
