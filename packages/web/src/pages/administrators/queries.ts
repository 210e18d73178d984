import { useMutation, useQueryClient } from '@tanstack/vue-query';
import { answer, api, ifMatch, type Model } from '../../api/client.js';
import { CreationKey } from '../../api/creationKey.js';
import { usePages, type Pages } from '../../api/usePages.js';

export type Administrator = Model<'Administrator'>;
export type Role = Administrator['role'];
export type SetUpLink = Model<'SetUpLink'>;

export const roles = ['owner', 'operator', 'reader'] as const satisfies readonly Role[];

/** In order of name. */
export function useAdministrators(): Pages<Administrator> {
  return usePages(
    () => ['administrators'],
    (cursor, signal) => answer(api.GET('/api/v1/administrators', { params: { query: { cursor } }, signal })),
  );
}

/** Creates one. Without a password the answer has a link. */
export function useCreateAdministrator() {
  const creation = new CreationKey();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Model<'NewAdministrator'>) =>
      answer(api.POST('/api/v1/administrators', { body, headers: creation.header(body) })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['administrators'] }),
  });
}

export function useChangeAdministrator() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({
      administrator,
      change,
    }: {
      readonly administrator: Administrator;
      readonly change: Model<'AdministratorChange'>;
    }) =>
      answer(
        api.PATCH('/api/v1/administrators/{id}', {
          params: { path: { id: administrator.id } },
          headers: ifMatch(administrator.version),
          body: change,
        }),
      ),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['administrators'] }),
  });
}

export function useDeleteAdministrator() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, version }: Administrator) =>
      api.DELETE('/api/v1/administrators/{id}', { params: { path: { id } }, headers: ifMatch(version) }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['administrators'] }),
  });
}

export function useMakeLink() {
  const creation = new CreationKey();
  return useMutation({
    mutationFn: (id: string) =>
      answer(
        api.POST('/api/v1/administrators/{id}/link', {
          params: { path: { id } },
          headers: creation.header(id),
        }),
      ),
    onSuccess: () => creation.renew(),
  });
}
