import { useQuery } from '@tanstack/vue-query';
import type { ComputedRef, Ref } from 'vue';
import { answer, api, type Model } from '../api/client.js';
import { useSession } from '../app/session.js';

export type Group = Model<'Group'>;

/** What of a query is needed to show a list in each of its states. */
export interface GroupsQuery {
  readonly data: Ref<Group[] | undefined> | ComputedRef<Group[] | undefined>;
  readonly error: Ref<Error | null>;
  readonly isPending: Ref<boolean>;
  readonly refetch: () => unknown;
}

/** All groups, in order of id, as far as one page of the API goes. */
export function useGroups(): GroupsQuery {
  const session = useSession();
  return useQuery({
    queryKey: ['groups', 'all'],
    enabled: session.may('groups:read'),
    queryFn: ({ signal }) => answer(api.GET('/api/v1/groups', { params: { query: { limit: 500 } }, signal })),
    select: ({ items }) => items,
  });
}
