import type { RouteRecordRaw } from 'vue-router';

const needs = 'groups:read';

export const groupsRoutes: readonly RouteRecordRaw[] = [
  {
    path: '/groups',
    children: [
      {
        path: '',
        name: 'groups',
        component: () => import('./GroupsPage.vue'),
        meta: { title: 'groups.title', needs },
      },
      {
        path: ':id',
        component: () => import('./GroupPage.vue'),
        props: true,
        meta: { title: 'groups.group', needs },
        children: [
          { path: '', name: 'group', component: () => import('./GroupMembers.vue'), props: true },
          {
            path: 'limits',
            name: 'groupLimits',
            component: () => import('./GroupLimits.vue'),
            props: true,
          },
          { path: 'rules', name: 'groupRules', component: () => import('./GroupRules.vue'), props: true },
        ],
      },
    ],
  },
];
