import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query';
import { answer, api } from '../../api/client.js';
import type { RuleList } from './rule.js';

export const ruleListKey = ['rules', 'list'] as const;

/** All rules, in order, and the version of the list; `enabled`: whether they may be read. */
export function useRules(enabled = true): UseQueryReturnType<RuleList, Error> {
  return useQuery({
    queryKey: ruleListKey,
    enabled,
    queryFn: ({ signal }) => answer(api.GET('/api/v1/rules', { signal })),
  });
}
