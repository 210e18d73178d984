import createClient, { type Middleware } from 'openapi-fetch';
import { ApiProblem, readProblem } from './problem.js';
import type { components, paths } from './schema.d.ts';

/** A type of the API's, by its name in the OpenAPI document. */
export type Model<Name extends keyof components['schemas']> = components['schemas'][Name];

const problems: Middleware = {
  onResponse: async ({ response }) => {
    if (!response.ok) throw await readProblem(response);
    // A success of somebody in between: a portal, or a proxy's page.
    const type = response.headers.get('content-type') ?? 'application/json';
    if (!/^application\/(?:[\w.-]+\+)?json\b/.test(type)) throw unreadable(response.status, type);
  },
  onError: ({ error }) => {
    if (error instanceof ApiProblem || (error instanceof DOMException && error.name === 'AbortError')) return;
    const detail = error instanceof Error ? error.message : String(error);
    return new ApiProblem({ code: 'NETWORK_FAILED', status: 0, detail, retryAfterSeconds: null });
  },
};

/** The API with the types of its OpenAPI document. Every call throws `ApiProblem` unless it succeeds. */
export const api = createClient<paths>({
  baseUrl: globalThis.location.origin,
  credentials: 'same-origin',
  // Pages of other sites cannot send it: docs/api.md, cross-site requests.
  headers: { 'x-csrf-protection': '1' },
});
api.use(problems);

/** The body of an answer: `await answer(api.GET('/api/v1/status'))`. Throws `ApiProblem`. */
export async function answer<Body>(call: Promise<{ data?: Body; response: Response }>): Promise<Body> {
  const { data, response } = await call.catch((error: unknown) => {
    // The answer broke off, or is no JSON.
    if (error instanceof TypeError || error instanceof SyntaxError) throw unreadable(0, error.message);
    throw error;
  });
  if (data === undefined) throw unreadable(response.status, 'an answer without a body');
  return data;
}

function unreadable(status: number, detail: string): ApiProblem {
  return new ApiProblem({ code: 'ANSWER_UNREADABLE', status, detail, retryAfterSeconds: null });
}

/** Header that lets a change through only if nobody else changed the object since `version` was read. */
export function ifMatch(version: number): { 'if-match': string } {
  return { 'if-match': `"${version}"` };
}
