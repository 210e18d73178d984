import { useQuery } from '@tanstack/vue-query';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { answer, api } from '../../../api/client.js';

/** What the server knows about why a client cannot connect, or is slow; asked again while somebody looks. */
export function useDiagnosis(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => ['clients', 'one', toValue(id), 'diagnosis']),
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/clients/{id}/diagnosis', { params: { path: { id: toValue(id) } }, signal })),
    refetchInterval: 10_000,
  });
}
