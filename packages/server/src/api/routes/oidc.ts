import { fail, ok } from '@masque-vpn/protocol';
import { z } from 'zod';
import { oidcPatienceMs } from '../../administration/oidcLogin.js';
import { oidcCookie, readCookie, sessionCookie } from '../cookie.js';
import type { ApiFailure } from '../problem.js';
import type { RequestFacts } from '../requestFacts.js';
import { route, type Route } from '../route.js';

const path = '/api/v1/login/oidc';

/** GET /api/v1/login/oidc — sends the browser to the provider. */
const startOidc = route({
  method: 'GET',
  path,
  permission: 'everybody',
  operationId: 'startOidc',
  summary: 'Sends the browser to the OpenID Connect provider.',
  status: 303,
  response: z.null(),
  handle: async ({ services: { administration }, request, setHeader }) => {
    if (administration.oidc === null) return fail(notConfigured);
    const started = await administration.oidc.start(request);
    if (!started.ok) return started;
    setHeader('set-cookie', oidcCookie(started.value.state, oidcPatienceMs, request.secure));
    setHeader('location', started.value.url);
    return ok(null);
  },
});

/** GET /api/v1/login/oidc/callback — the browser comes back from the provider. */
const finishOidc = route({
  method: 'GET',
  path: `${path}/callback`,
  permission: 'everybody',
  operationId: 'finishOidc',
  summary: 'Where the OpenID Connect provider sends the browser back to.',
  // Providers add parameters of their own (OAuth 2.0 §4.1.2).
  query: z
    .object({
      state: z.string().max(512).optional(),
      code: z.string().max(8_192).optional(),
      iss: z.string().max(2_048).optional(),
      error: z.string().max(512).optional(),
    })
    .catchall(z.string().max(8_192)),
  status: 303,
  response: z.null(),
  handle: async ({ query, services: { administration }, request, setHeader }) => {
    if (administration.oidc === null) return fail(notConfigured);
    const state = readCookie(request.headers, request.secure, 'oidc');
    const given = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as [string, string]],
    );
    const outcome = await administration.oidc.finish(new URLSearchParams(given), state, request);
    if (!outcome.ok && !wantsPage(request)) return outcome;
    if (outcome.ok) {
      const { absoluteMs } = administration.sessions.limits;
      setHeader('set-cookie', sessionCookie(outcome.value.cookie, absoluteMs, request.secure));
    }
    // A person looks at a page, not at JSON.
    setHeader('location', outcome.ok ? '/' : `/login?problem=${outcome.error.code}`);
    return ok(null);
  },
});

const notConfigured: ApiFailure = {
  code: 'OIDC_NOT_CONFIGURED',
  message: 'see [oidc] in server.toml',
};

function wantsPage({ headers }: RequestFacts): boolean {
  return (headers.accept ?? '').includes('text/html');
}

export const oidcRoutes: readonly Route[] = [startOidc, finishOidc];
