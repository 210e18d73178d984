import { useQuery } from '@tanstack/vue-query';
import { computed } from 'vue';
import { answer, api } from '../../api/client.js';
import { queryOf, type LogFilters } from './filters.js';

/** Lines that are read at first. */
const firstLines = 300;

/** The last lines that match, the newest first, as they were when the page was opened; the stream goes on from there. */
export function useLastLines(filters: () => LogFilters) {
  return useQuery({
    queryKey: computed(() => ['logs', filters()]),
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/v1/logs', {
          params: { query: { ...queryOf(filters()), limit: firstLines } },
          signal,
        }),
      ),
    staleTime: Infinity,
    gcTime: 0,
  });
}
