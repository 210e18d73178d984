import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationReturnType,
  type UseQueryReturnType,
} from '@tanstack/vue-query';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { answer, api, ifMatch, type Model } from '../../api/client.js';
import { CreationKey } from '../../api/creationKey.js';
import { ApiProblem } from '../../api/problem.js';

export type Group = Model<'Group'>;
export type GroupChange = Model<'GroupChange'>;
export type NewGroup = Model<'NewGroup'>;
export type Client = Model<'Client'>;

export function useGroup(id: MaybeRefOrGetter<string>): UseQueryReturnType<Group, Error> {
  return useQuery({
    queryKey: computed(() => ['groups', 'one', toValue(id)]),
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/groups/{id}', { params: { path: { id: toValue(id) } }, signal })),
  });
}

/** Makes a group; sending it twice is harmless. */
export function useNewGroup(): UseMutationReturnType<Group, Error, NewGroup, unknown> {
  const queries = useQueryClient();
  const creation = new CreationKey();
  return useMutation({
    mutationFn: (body: NewGroup) =>
      answer(api.POST('/api/v1/groups', { params: { header: creation.header(body) }, body })),
    onSuccess: () => {
      creation.renew();
      return queries.invalidateQueries({ queryKey: ['groups'] });
    },
  });
}

export interface Change {
  readonly body: GroupChange;
  /** The version that the change was made of. */
  readonly version: number;
}

export function useGroupChange(
  id: MaybeRefOrGetter<string>,
): UseMutationReturnType<Group, Error, Change, unknown> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ body, version }: Change) =>
      answer(
        api.PATCH('/api/v1/groups/{id}', {
          params: { path: { id: toValue(id) }, header: ifMatch(version) },
          body,
        }),
      ),
    onSuccess: (group) => {
      queries.setQueryData(['groups', 'one', group.id], group);
      void queries.invalidateQueries({ queryKey: ['groups', 'all'] });
    },
    // Whoever was quicker is to be seen.
    onError: (error) => {
      if (isConflict(error)) void queries.invalidateQueries({ queryKey: ['groups', 'one', toValue(id)] });
    },
  });
}

export function useGroupRemoval(): UseMutationReturnType<unknown, Error, Group, unknown> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, version }: Group) =>
      api.DELETE('/api/v1/groups/{id}', { params: { path: { id }, header: ifMatch(version) } }),
    onSuccess: (_nothing, { id }) => {
      queries.removeQueries({ queryKey: ['groups', 'one', id] });
      void queries.invalidateQueries({ queryKey: ['groups', 'all'] });
    },
  });
}

/** Members that match, page by page, as far as the list was scrolled. */
export function useMembers(id: MaybeRefOrGetter<string>, q: MaybeRefOrGetter<string>) {
  return useInfiniteQuery({
    queryKey: computed(() => ['groups', 'members', toValue(id), toValue(q)]),
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET('/api/v1/clients', {
          params: {
            query: {
              group: toValue(id),
              limit: 250,
              ...(toValue(q) === '' ? {} : { q: toValue(q) }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    // Thousands of clients are neither compared nor watched one by one: a new page is a new list.
    structuralSharing: false,
    shallow: true,
  });
}

export interface Membership {
  readonly client: string;
  readonly member: boolean;
}

/** Puts a client into the group or takes it out. */
export function useMembership(
  id: MaybeRefOrGetter<string>,
): UseMutationReturnType<unknown, Error, Membership, unknown> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ client, member }: Membership) => {
      const params = { path: { id: toValue(id), client } };
      return member
        ? api.PUT('/api/v1/groups/{id}/members/{client}', { params })
        : api.DELETE('/api/v1/groups/{id}/members/{client}', { params });
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['groups'] });
      void queries.invalidateQueries({ queryKey: ['clients'] });
    },
  });
}

/** Somebody else changed it since it was read. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === 'API_VERSION_CONFLICT';
}
