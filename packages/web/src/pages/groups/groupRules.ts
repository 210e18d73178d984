import type { Rule } from '../../domain/rules/rule.js';

/** Rules that name a group, on either side. */
export function rulesNaming(rules: readonly Rule[], group: string): readonly Rule[] {
  return rules.filter(({ subject, destination }) =>
    [subject, destination].some((end) => end.kind === 'group' && end.id === group),
  );
}
