import { useMutation, useQueryClient } from '@tanstack/vue-query';
import { answer, api, type Model } from '../../api/client.js';
import { CreationKey } from '../../api/creationKey.js';
import { usePages, type Pages } from '../../api/usePages.js';

export type Token = Model<'Token'>;

/** Tokens in order of creation: owners see everybody's, others their own. */
export function useTokens(): Pages<Token> {
  return usePages(
    () => ['tokens'],
    (cursor, signal) => answer(api.GET('/api/v1/tokens', { params: { query: { cursor } }, signal })),
  );
}

/** Makes a token. */
export function useCreateToken() {
  const creation = new CreationKey();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Model<'NewToken'>) =>
      answer(api.POST('/api/v1/tokens', { body, headers: creation.header(body) })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['tokens'] }),
  });
}

export function useRevokeToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['tokens'] }),
  });
}
