import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query';
import { computed } from 'vue';
import { answer, api, ifMatch, type Model } from '../../api/client.js';
import { CreationKey } from '../../api/creationKey.js';
import { usePages, type Pages } from '../../api/usePages.js';

export type Webhook = Model<'Webhook'>;
export type WebhookEvent = Model<'NewWebhook'>['events'][number];
export type Delivery = Model<'Delivery'>;

/** While deliveries are on their way nothing tells of their arrival: they are looked at. */
const everyMs = 5_000;

/** All webhooks, the oldest first. */
export function useWebhooks() {
  return useQuery({
    queryKey: ['webhooks'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/webhooks', { signal })),
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ pending }) => pending > 0) === true ? everyMs : false,
  });
}

export function useWebhook(id: () => string) {
  return useQuery({
    queryKey: computed(() => ['webhooks', id()]),
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/webhooks/{id}', { params: { path: { id: id() } }, signal })),
    refetchInterval: ({ state }) => ((state.data?.pending ?? 0) > 0 ? everyMs : false),
  });
}

/** What was, is or could not be delivered, the newest first. */
export function useDeliveries(id: () => string, state: () => string): Pages<Delivery> {
  return usePages(
    () => ['webhooks', id(), 'deliveries', state()],
    (cursor, signal) => {
      const query = state() === '' ? { cursor } : { cursor, state: state() as Delivery['state'] };
      return answer(
        api.GET('/api/v1/webhooks/{id}/deliveries', { params: { path: { id: id() }, query }, signal }),
      );
    },
  );
}

/** Creates a webhook. The answer has the secret. */
export function useCreateWebhook() {
  const creation = new CreationKey();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { readonly url: string; readonly events: WebhookEvent[] }) =>
      answer(
        api.POST('/api/v1/webhooks', { body: { ...body, enabled: true }, headers: creation.header(body) }),
      ),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['webhooks'] }),
  });
}

export function useChangeWebhook() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({
      webhook,
      change,
    }: {
      readonly webhook: Pick<Webhook, 'id' | 'version'>;
      readonly change: Model<'WebhookChange'>;
    }) =>
      answer(
        api.PATCH('/api/v1/webhooks/{id}', {
          params: { path: { id: webhook.id } },
          headers: ifMatch(webhook.version),
          body: change,
        }),
      ),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['webhooks'] }),
  });
}

export function useDeleteWebhook() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, version }: Pick<Webhook, 'id' | 'version'>) =>
      api.DELETE('/api/v1/webhooks/{id}', { params: { path: { id } }, headers: ifMatch(version) }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['webhooks'], exact: true }),
  });
}

export function useRenewSecret() {
  const queries = useQueryClient();
  const creation = new CreationKey();
  return useMutation({
    mutationFn: (id: string) =>
      answer(
        api.POST('/api/v1/webhooks/{id}/secret', {
          params: { path: { id } },
          headers: creation.header(id),
        }),
      ),
    onSuccess: () => {
      creation.renew();
      void queries.invalidateQueries({ queryKey: ['webhooks'] });
    },
  });
}

export function useTestWebhook() {
  return useMutation({
    mutationFn: (id: string) => answer(api.POST('/api/v1/webhooks/{id}/test', { params: { path: { id } } })),
  });
}

export function useRetryDelivery(id: () => string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (delivery: string) =>
      api.POST('/api/v1/webhooks/{id}/deliveries/{delivery}/retry', {
        params: { path: { id: id(), delivery } },
      }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['webhooks', id()] }),
  });
}
