import { useQuery } from '@tanstack/vue-query';
import { computed } from 'vue';
import { answer, api, type Model } from '../../api/client.js';

export type MonthlyUsage = Model<'MonthlyUsage'>;

const largestPage = 500;

/** What each client moved in a month: all of them, because they are ordered here. */
export function useMonth(month: () => string) {
  return useQuery({
    queryKey: computed(() => ['usage', month()]),
    queryFn: async ({ signal }) => {
      const rows: MonthlyUsage[] = [];
      for (let cursor: string | undefined; ;) {
        const query = { month: month(), limit: largestPage, cursor };
        const page = await answer(api.GET('/api/v1/usage', { params: { query }, signal }));
        rows.push(...page.items);
        if (page.nextCursor === null) return rows;
        cursor = page.nextCursor;
      }
    },
    placeholderData: (former) => former,
    refetchInterval: 60_000,
  });
}
