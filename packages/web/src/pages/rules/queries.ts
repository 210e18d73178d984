import {
  keepPreviousData,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationReturnType,
  type UseQueryReturnType,
} from '@tanstack/vue-query';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { answer, api, ifMatch, type Model } from '../../api/client.js';
import { ApiProblem } from '../../api/problem.js';
import type { RuleContent, RuleList } from '../../domain/rules/rule.js';
import { ruleListKey } from '../../domain/rules/useRules.js';

export type Rehearsal = Model<'Rehearsal'>;
export type PolicyWarning = Model<'PolicyWarning'>;
export type Explanation = Model<'Explanation'>;
export type Packet = Model<'Packet'>;

/** A rule as the API takes it in a whole list. */
export type ListedRule = RuleContent & { readonly id?: string };

/** What a list of rules would mean for recent flows; null: nothing is to be rehearsed. */
export function useRehearsal(
  items: MaybeRefOrGetter<readonly ListedRule[] | null>,
): UseQueryReturnType<Rehearsal, Error> {
  return useQuery({
    queryKey: computed(() => ['rules', 'rehearsal', toValue(items)]),
    enabled: computed(() => toValue(items) !== null),
    queryFn: ({ signal }) =>
      answer(api.POST('/api/v1/rules/rehearsal', { body: { items: [...(toValue(items) ?? [])] }, signal })),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
}

export interface ListChange {
  readonly items: readonly ListedRule[];
  /** The version that the list was made of. */
  readonly version: number;
}

type SavedRules = Pick<Model<'ChangedRuleList'>, 'items' | 'version' | 'warnings'>;

/** Replaces the list as one. */
export function useSaveRules(): UseMutationReturnType<SavedRules, Error, ListChange, unknown> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ items, version }: ListChange) => {
      const call = api.PUT('/api/v1/rules', {
        params: { header: ifMatch(version) },
        body: { items: [...items] },
      });
      // The types of answers forget how long a pair is.
      return (await answer(call)) as SavedRules;
    },
    onSuccess: ({ items, version }) => {
      queries.setQueryData<RuleList>(ruleListKey, { items, nextCursor: null, version });
      void queries.invalidateQueries({ queryKey: ['flows'] });
    },
    // Whoever was quicker is to be seen.
    onError: (error) => {
      if (isConflict(error)) void queries.invalidateQueries({ queryKey: ruleListKey });
    },
  });
}

/** Whether a packet passes, and what decides; null: nothing is asked. */
export function useCheck(
  packet: MaybeRefOrGetter<Packet | null>,
): UseQueryReturnType<Explanation | null, Error> {
  return useQuery({
    queryKey: computed(() => ['rules', 'check', toValue(packet)]),
    enabled: computed(() => toValue(packet) !== null),
    queryFn: ({ signal }) => {
      const body = toValue(packet);
      return body === null ? null : answer(api.POST('/api/v1/rules/check', { body, signal }));
    },
    staleTime: 0,
  });
}

/** The latest change of rules in the audit log: who made it. Null: the log does not say. */
export function useLastRuleChange(
  enabled: MaybeRefOrGetter<boolean>,
): UseQueryReturnType<Model<'AuditEntry'> | null, Error> {
  return useQuery({
    queryKey: ['audit', 'lastRuleChange'],
    enabled,
    staleTime: 0,
    queryFn: async ({ signal }) => {
      const page = await answer(
        api.GET('/api/v1/audit', { params: { query: { action: 'rule.', limit: 1 } }, signal }),
      );
      return page.items[0] ?? null;
    },
  });
}

/** Somebody else changed it since it was read. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === 'API_VERSION_CONFLICT';
}
