import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationReturnType,
} from '@tanstack/vue-query';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { answer, api, ifMatch, type Model } from '../../api/client.js';
import { ApiProblem } from '../../api/problem.js';
import { useSession } from '../../app/session.js';
import type { ClientQuery } from './filters.js';

export type Client = Model<'Client'>;
export type ClientChange = Model<'ClientChange'>;

/** Not below `clients`: the page keeps a list up to date itself, see `useFreshRows`. */
export function clientListKey(query: ClientQuery): readonly unknown[] {
  return ['client-list', query];
}

/** The clients that match, page by page; the last list stays until the next one is there. */
export function useClientPages(query: MaybeRefOrGetter<ClientQuery>) {
  return useInfiniteQuery({
    queryKey: computed(() => clientListKey(toValue(query))),
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET('/api/v1/clients', {
          params: { query: { ...toValue(query), ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    // Ten thousand rows are neither compared one by one nor watched in depth.
    structuralSharing: false,
    shallow: true,
  });
}

export function useClient(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => ['clients', 'one', toValue(id)]),
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/clients/{id}', { params: { path: { id: toValue(id) } }, signal })),
  });
}

/** All groups, as far as one page of the API goes; nobody has more than 500. */
export function useGroups() {
  const session = useSession();
  return useQuery({
    queryKey: ['groups', 'all'],
    enabled: session.may('groups:read'),
    queryFn: ({ signal }) => answer(api.GET('/api/v1/groups', { params: { query: { limit: 500 } }, signal })),
    select: ({ items }) => items,
  });
}

export interface Change {
  readonly body: ClientChange;
  /** The version that the change was made of; absent: whatever is there. */
  readonly version?: number;
}

/** Changes one client. */
export function useClientChange(
  id: MaybeRefOrGetter<string>,
): UseMutationReturnType<Client, Error, Change, unknown> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ body, version }: Change) =>
      answer(
        api.PATCH('/api/v1/clients/{id}', {
          params: {
            path: { id: toValue(id) },
            header: version === undefined ? {} : ifMatch(version),
          },
          body,
        }),
      ),
    onSuccess: (client) => queries.setQueryData(['clients', 'one', client.id], client),
    // Whoever was quicker is to be seen.
    onError: (error) => {
      if (isConflict(error)) void queries.invalidateQueries({ queryKey: ['clients', 'one', toValue(id)] });
    },
  });
}

/** Somebody else changed it since it was read. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === 'API_VERSION_CONFLICT';
}

/** The open sessions of a client on this server, with counters; read every `everyMs` while it is connected. */
export function useClientSessions(id: MaybeRefOrGetter<string>, everyMs: MaybeRefOrGetter<number | false>) {
  const session = useSession();
  return useQuery({
    queryKey: computed(() => ['sessions', 'ofClient', toValue(id)]),
    enabled: session.may('sessions:read'),
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/sessions', { params: { query: { client: toValue(id), limit: 500 } }, signal })),
    select: ({ items }) => items,
    staleTime: 0,
    refetchInterval: () => toValue(everyMs),
  });
}
