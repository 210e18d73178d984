import { useQuery } from '@tanstack/vue-query';
import { computed, type Ref } from 'vue';
import { answer, api, type Model } from '../../api/client.js';
import { usePages, type Pages } from '../../api/usePages.js';

/** Live sessions; read again every few seconds, for their counters. */
export function useLiveSessions(): Pages<Model<'Session'>> {
  return usePages(
    () => ['sessions', 'live'],
    (cursor, signal) =>
      answer(api.GET('/api/v1/sessions', { params: { query: { limit: 200, cursor } }, signal })),
    { everyMs: 5_000 },
  );
}

export interface HistoryFilter {
  readonly client: string;
  readonly state: string;
  readonly cause: string;
}

/** Sessions there were, the newest first. */
export function useSessionHistory(filter: Readonly<Ref<HistoryFilter>>): Pages<Model<'PastSession'>> {
  const wanted = computed(() => {
    const { client, state, cause } = filter.value;
    const states = ['open', 'ended', 'refused'] as const;
    const known = states.find((name) => name === state);
    return {
      ...(/^[a-z0-9-]{1,63}$/.test(client) ? { client } : {}),
      ...(known === undefined ? {} : { state: known }),
      ...(cause === '' ? {} : { cause }),
    };
  });
  return usePages(
    () => ['sessions', 'history', wanted.value],
    (cursor, signal) =>
      answer(
        api.GET('/api/v1/sessions/history', {
          params: { query: { limit: 100, ...wanted.value, cursor } },
          signal,
        }),
      ),
  );
}

/** One session, live or past; a live one is read again every two seconds. */
export function useSessionDetail(id: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: ['sessions', id],
    queryFn: () => answer(api.GET('/api/v1/sessions/{id}', { params: { path: { id: id.value } } })),
    refetchInterval: ({ state }) => (state.data?.state === 'open' ? 2_000 : false),
  });
}
