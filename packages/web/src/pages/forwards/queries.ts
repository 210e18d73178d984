import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationReturnType,
  type UseQueryReturnType,
} from '@tanstack/vue-query';
import { answer, api, ifMatch, type Model } from '../../api/client.js';
import { CreationKey } from '../../api/creationKey.js';
import { ApiProblem } from '../../api/problem.js';
import type { ForwardContent, PortForward } from './forwardForm.js';

export type PrefixGrant = Model<'AllClientPrefixes'>['items'][number];

/** All port forwards, in order of public port. */
export function useForwards(): UseQueryReturnType<PortForward[], Error> {
  return useQuery({
    queryKey: ['port-forwards', 'all'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/port-forwards', { signal })),
    select: ({ items }) => items,
  });
}

export interface ForwardChange {
  readonly content: Partial<ForwardContent>;
  readonly of: Pick<PortForward, 'id' | 'version'>;
}

/** Makes a forward; sending it twice is harmless. */
export function useNewForward(): UseMutationReturnType<PortForward, Error, ForwardContent, unknown> {
  const queries = useQueryClient();
  const creation = new CreationKey();
  return useMutation({
    mutationFn: (body: ForwardContent) =>
      answer(api.POST('/api/v1/port-forwards', { params: { header: creation.header(body) }, body })),
    onSuccess: () => {
      creation.renew();
      return queries.invalidateQueries({ queryKey: ['port-forwards'] });
    },
  });
}

export function useForwardChange(): UseMutationReturnType<PortForward, Error, ForwardChange, unknown> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ content, of: { id, version } }: ForwardChange) =>
      answer(
        api.PATCH('/api/v1/port-forwards/{id}', {
          params: { path: { id }, header: ifMatch(version) },
          body: content,
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['port-forwards'] }),
  });
}

export function useForwardRemoval(): UseMutationReturnType<unknown, Error, PortForward, unknown> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, version }: PortForward) =>
      api.DELETE('/api/v1/port-forwards/{id}', { params: { path: { id }, header: ifMatch(version) } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['port-forwards'] }),
  });
}

/** Networks that may be behind clients, of all clients. */
export function useGrants(): UseQueryReturnType<PrefixGrant[], Error> {
  return useQuery({
    queryKey: ['clients', 'prefixes'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/client-prefixes', { signal })),
    select: ({ items }) => items,
  });
}

export interface NewGrant {
  readonly client: string;
  readonly prefix: string;
}

export function useNewGrant(): UseMutationReturnType<Model<'ClientPrefix'>, Error, NewGrant, unknown> {
  const queries = useQueryClient();
  const creation = new CreationKey();
  return useMutation({
    mutationFn: ({ client, prefix }: NewGrant) =>
      answer(
        api.POST('/api/v1/clients/{id}/prefixes', {
          params: { path: { id: client }, header: creation.header({ client, prefix }) },
          body: { prefix },
        }),
      ),
    onSuccess: () => {
      creation.renew();
      return queries.invalidateQueries({ queryKey: ['clients'] });
    },
  });
}

export function useGrantRemoval(): UseMutationReturnType<unknown, Error, PrefixGrant, unknown> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, clientId }: PrefixGrant) =>
      api.DELETE('/api/v1/clients/{id}/prefixes/{prefix}', {
        params: { path: { id: clientId, prefix: id } },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['clients'] }),
  });
}

export function codeOf(error: Error | null): string {
  return error instanceof ApiProblem ? error.code : '';
}
