import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query';
import { answer, api, type Model } from '../../api/client.js';
import { CreationKey } from '../../api/creationKey.js';
import { usePages, type Pages } from '../../api/usePages.js';
import { certificateQueryOf, type CertificateFilters } from './filters.js';

export type Pki = Model<'Pki'>;
export type Authority = Model<'Authority'>;
export type Certificate = Model<'Certificate'>;
export type Enrolment = Model<'Enrolment'>;

export function usePki() {
  return useQuery({
    queryKey: ['pki'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/pki', { signal })),
  });
}

/** Makes a new authority; the old one is trusted until nobody depends on it. */
export function useRollOver() {
  const queries = useQueryClient();
  const creation = new CreationKey();
  return useMutation({
    mutationFn: () => answer(api.POST('/api/v1/pki/rollover', { headers: creation.header(null) })),
    onSuccess: () => creation.renew(),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['pki'] }),
  });
}

/** Revokes all certificates of an authority. */
export function useRetire() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (sha256: string) =>
      answer(api.POST('/api/v1/pki/authorities/{sha256}/retire', { params: { path: { sha256 } } })),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['pki'] });
      void queries.invalidateQueries({ queryKey: ['certificates'] });
    },
  });
}

/** Client certificates in order of fingerprint. */
export function useCertificates(filters: () => CertificateFilters): Pages<Certificate> {
  return usePages(
    () => ['certificates', filters()],
    (cursor, signal) => {
      const query = { ...certificateQueryOf(filters()), cursor };
      return answer(api.GET('/api/v1/certificates', { params: { query }, signal }));
    },
  );
}

export function useRevokeCertificate() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ sha256, reason }: { readonly sha256: string; readonly reason: string }) =>
      answer(
        api.POST('/api/v1/certificates/{sha256}/revoke', {
          params: { path: { sha256 } },
          body: reason === '' ? {} : { reason },
        }),
      ),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['certificates'] }),
  });
}

/** Lets a client in with a certificate that it has already. */
export function useImportCertificate() {
  const creation = new CreationKey();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Model<'ImportedCertificate'>) =>
      answer(api.POST('/api/v1/certificates', { body, headers: creation.header(body) })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['certificates'] }),
  });
}

/** Enrolment links, the newest first. */
export function useEnrolments(
  filters: () => { readonly client: string; readonly open: boolean },
): Pages<Enrolment> {
  return usePages(
    () => ['enrolments', filters()],
    (cursor, signal) => {
      const { client, open } = filters();
      const query = {
        ...(/^[a-z0-9-]{1,63}$/.test(client) ? { client } : {}),
        ...(open ? { open: 'true' as const } : {}),
        cursor,
      };
      return answer(api.GET('/api/v1/enrolments', { params: { query }, signal }));
    },
  );
}

export function useTakeBack() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.DELETE('/api/v1/enrolments/{id}', { params: { path: { id } } }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['enrolments'] }),
  });
}
