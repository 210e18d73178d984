import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query';
import { answer, api, type Model } from '../../api/client.js';
import { usePages, type Pages } from '../../api/usePages.js';
import { queryOf, type LeaseFilters } from './filters.js';

export type Lease = Model<'Lease'>;
export type Family = Model<'Pools'>['ipv4'];

export function usePools() {
  return useQuery({
    queryKey: ['pools'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/pools', { signal })),
  });
}

/** Who has which address, or had it last; in order of address. */
export function useLeases(filters: () => LeaseFilters): Pages<Lease> {
  return usePages(
    () => ['leases', filters()],
    (cursor, signal) =>
      answer(api.GET('/api/v1/leases', { params: { query: { ...queryOf(filters()), cursor } }, signal })),
  );
}

/** Lets anybody have an address that rests. */
export function useRelease() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (address: string) =>
      api.DELETE('/api/v1/leases/{address}/quarantine', { params: { path: { address } } }),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['leases'] });
      void queries.invalidateQueries({ queryKey: ['pools'] });
    },
  });
}
