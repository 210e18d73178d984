import { useQuery } from '@tanstack/vue-query';
import { computed, type Ref } from 'vue';
import { answer, api } from '../../api/client.js';

export const ranges = ['15m', '1h', '6h', '24h'] as const;
export type Range = (typeof ranges)[number];

export function useStatus() {
  return useQuery({
    queryKey: ['status'],
    queryFn: () => answer(api.GET('/api/v1/status')),
    refetchInterval: 10_000,
  });
}

export function useChecks() {
  return useQuery({
    queryKey: ['checks'],
    queryFn: () => answer(api.GET('/api/v1/checks')),
    refetchInterval: 15_000,
  });
}

/** What was moved in the past; the shortest range is read often, as it changes every second. */
export function useThroughput(range: Readonly<Ref<Range>>) {
  return useQuery({
    queryKey: ['throughput', range],
    queryFn: () => answer(api.GET('/api/v1/throughput', { params: { query: { range: range.value } } })),
    refetchInterval: computed(() => (range.value === '15m' ? 2_000 : 30_000)),
    // The former range stays until the new one is there.
    placeholderData: (before) => before,
  });
}

const refusalsShown = 6;

/** The latest requests that got no session. */
export function useRefusals() {
  return useQuery({
    queryKey: ['sessions', 'history', 'refused', refusalsShown],
    queryFn: () =>
      answer(
        api.GET('/api/v1/sessions/history', {
          params: { query: { state: 'refused', limit: refusalsShown } },
        }),
      ),
  });
}

const changesShown = 8;

/** The latest entries of the audit log. */
export function useChanges() {
  return useQuery({
    queryKey: ['audit', 'latest', changesShown],
    queryFn: () => answer(api.GET('/api/v1/audit', { params: { query: { limit: changesShown } } })),
  });
}
