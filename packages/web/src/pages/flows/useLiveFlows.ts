import { useQuery } from '@tanstack/vue-query';
import { computed, onUnmounted, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue';
import { answer, api } from '../../api/client.js';
import type { Flow } from '../../domain/rules/flowRule.js';
import type { RuleList } from '../../domain/rules/rule.js';
import { useLiveEvents } from '../../live/live.js';
import { matches, mostFlows, sampleOf, withSamples, type FlowFilter } from './flowList.js';

/** The page changes at most this often, however many flows are sampled. */
const everyMs = 500;

export interface LiveFlows {
  /** What matches, the latest first. */
  readonly flows: ComputedRef<readonly Flow[]>;
  /** Samples that match and wait because the list is held. */
  readonly waiting: ComputedRef<number>;
  readonly pending: Ref<boolean>;
  readonly error: Ref<Error | null>;
  readonly retry: () => unknown;
}

/** Flows that were sampled lately, and those that are sampled while the page is open. */
export function useLiveFlows(
  filter: ComputedRef<FlowFilter>,
  rules: Ref<RuleList | undefined>,
  held: Ref<boolean>,
): LiveFlows {
  const { data, isPending, error, refetch } = useQuery({
    // What one client did is kept longer than what all did: ask for it.
    queryKey: computed(() => ['flows', filter.value.client, filter.value.verdict]),
    queryFn: ({ signal }) => {
      const { client, verdict } = filter.value;
      const query: { limit: number; client?: string; verdict?: Flow['verdict'] } = { limit: 500 };
      if (client !== '') query.client = client;
      if (verdict === 'allowed' || verdict === 'refused') query.verdict = verdict;
      return answer(api.GET('/api/v1/flows', { params: { query }, signal }));
    },
    staleTime: 0,
    refetchOnWindowFocus: false,
  });

  const shown = shallowRef<readonly Flow[]>([]);
  const fresh = shallowRef<readonly Flow[]>([]);
  watch(
    data,
    (read) => {
      if (read === undefined) return;
      shown.value = read.items;
      fresh.value = [];
    },
    { immediate: true },
  );

  const ruleIds = computed(() => new Map((rules.value?.items ?? []).map(({ number, id }) => [number, id])));
  useLiveEvents('flows', (event) => {
    const sample = sampleOf(event, ruleIds.value);
    if (sample !== null) arrived.push(sample);
  });
  // Samples come one by one and by the hundred: they are put together a few times a second.
  const arrived: Flow[] = [];
  const counted = ref(0);
  const timer = setInterval(() => {
    const wanted = arrived.splice(0).filter((sample) => matches(sample, filter.value));
    if (wanted.length > 0) {
      counted.value += wanted.length;
      fresh.value = withSamples(fresh.value, wanted);
    }
    if (held.value || fresh.value.length === 0) return;
    shown.value = withSamples(shown.value, fresh.value);
    fresh.value = [];
    counted.value = 0;
  }, everyMs);
  onUnmounted(() => clearInterval(timer));

  return {
    flows: computed(() => shown.value.filter((flow) => matches(flow, filter.value)).slice(0, mostFlows)),
    waiting: computed(() => (held.value ? counted.value : 0)),
    pending: isPending,
    error,
    retry: refetch,
  };
}
