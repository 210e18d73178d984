import { createRouter, createWebHistory, type Router } from 'vue-router';
import { ApiProblem } from '../api/problem.js';
import { routes } from './routes.js';
import type { Session } from './session.js';

/** The pages; those that need somebody to be signed in send others to the login and back. */
export function makeRouter(session: Session): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: [...routes],
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
  });
  router.beforeEach(async (to) => {
    if (to.meta.needs === 'everybody') return true;
    if (session.state.value === 'unknown') await loadUnlessUnreachable(session);
    if (session.state.value !== 'anonymous') return to.path === '/' ? firstPage(session) : true;
    return { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } };
  });
  return router;
}

/** Where the page begins: people who administer nothing have their devices. */
function firstPage(session: Session): true | { readonly name: string } {
  if (session.principal.value === null || session.may('server:read')) return true;
  return { name: session.principal.value.hasDevices ? 'devices' : 'account' };
}

/** A server that does not answer now is told of by the page itself, which tries again. */
async function loadUnlessUnreachable(session: Session): Promise<void> {
  try {
    await session.load();
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
  }
}
