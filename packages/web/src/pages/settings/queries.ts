import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query';
import { answer, api, ifMatch, type Model } from '../../api/client.js';

export type Settings = Model<'Settings'>;

export function useSettings() {
  return useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/settings', { signal })),
  });
}

export function useChangeSettings() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({
      version,
      change,
    }: {
      readonly version: number;
      readonly change: Model<'SettingsChange'>;
    }) => answer(api.PATCH('/api/v1/settings', { headers: ifMatch(version), body: change })),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['settings'] }),
  });
}

/** What of `server.toml` this server runs with; it changes with a restart only. */
export function useConfiguration() {
  return useQuery({
    queryKey: ['server', 'configuration'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/server/configuration', { signal })),
  });
}

/** Ways to sign in; tells whether there is single sign-on. */
export function useLoginOptions() {
  return useQuery({
    queryKey: ['login'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/login', { signal })),
  });
}

/** Ids of all groups that a new client can be put into. */
export function useGroupIds() {
  return useQuery({
    queryKey: ['groups', 'ids'],
    queryFn: async ({ signal }) => {
      const ids: string[] = [];
      for (let cursor: string | undefined; ;) {
        const query = { limit: 500, cursor };
        const page = await answer(api.GET('/api/v1/groups', { params: { query }, signal }));
        ids.push(...page.items.map(({ id }) => id));
        if (page.nextCursor === null) return ids;
        cursor = page.nextCursor;
      }
    },
  });
}
