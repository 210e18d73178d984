import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query';
import { answer, api, type Model } from '../../api/client.js';

/** Where one is signed in, the newest first. */
export function useOwnSessions() {
  return useQuery({
    queryKey: ['me', 'sessions'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/me/sessions', { signal })),
  });
}

export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.DELETE('/api/v1/me/sessions/{id}', { params: { path: { id } } }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['me', 'sessions'] }),
  });
}

/** Ends all other sessions as well. */
export function useChangePassword() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Model<'PasswordChange'>) => api.PUT('/api/v1/me/password', { body }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['me', 'sessions'] }),
  });
}

export function useOfferTotp() {
  return useMutation({ mutationFn: () => answer(api.POST('/api/v1/me/totp')) });
}

export function useTurnTotpOn() {
  return useMutation({
    mutationFn: (body: Model<'TotpOn'>) => api.PUT('/api/v1/me/totp', { body }),
  });
}

export function useTurnTotpOff() {
  return useMutation({
    mutationFn: (body: Model<'TotpOff'>) => api.POST('/api/v1/me/totp/off', { body }),
  });
}
