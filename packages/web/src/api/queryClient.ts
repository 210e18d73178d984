import { MutationCache, QueryCache, QueryClient } from '@tanstack/vue-query';
import { ApiProblem } from './problem.js';

export interface QueryClientOptions {
  /** Called when an answer says that the server no longer knows who this is. */
  readonly onSignedOut: () => void;
}

/** What was read of the API, shared by all pages. What passes by itself is tried again, nothing else. */
export function makeQueryClient({ onSignedOut }: QueryClientOptions): QueryClient {
  const onError = (error: Error): void => {
    if (error instanceof ApiProblem && error.code === 'API_UNAUTHENTICATED') onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // The browser's guess whether there is a network is wrong for a server on this machine.
        networkMode: 'always',
        retry: (failures, error) => error instanceof ApiProblem && error.passing && failures < 3,
        retryDelay: (failures, error) => {
          const seconds = error instanceof ApiProblem ? error.retryAfterSeconds : null;
          return seconds === null ? Math.min(1_000 * 2 ** failures, 8_000) : seconds * 1_000;
        },
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}
