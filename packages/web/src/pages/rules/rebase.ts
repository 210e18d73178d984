import {
  differencesOf,
  draftOf,
  isChanged,
  type Draft,
  type DraftRule,
  type RuleDifference,
} from './draft.js';
import { sameContent, type RuleContent, type RuleList } from '../../domain/rules/rule.js';

/** A rule that both changed, each in another way; the draft keeps its own. */
export interface RuleConflict {
  readonly key: string;
  /** What it is in the draft; null: deleted there. */
  readonly mine: RuleContent | null;
  /** What somebody else made of it; null: deleted by them. */
  readonly theirs: RuleContent | null;
}

/** A draft on top of what others saved meanwhile. */
export interface Rebased {
  readonly draft: Draft;
  /** What they changed. */
  readonly theirs: readonly RuleDifference[];
  readonly conflicts: readonly RuleConflict[];
}

/**
 * Puts a draft on top of a newer list. What only they changed is theirs, what only the draft changed is the draft's;
 * where both changed a rule, the draft's wins and is a conflict to look at. A rule that they deleted and the draft
 * changed comes back as a new one.
 */
export function rebase(draft: Draft, list: Pick<RuleList, 'items' | 'version'>): Rebased {
  const now = draftOf(list);
  // The answer to a save was lost: what is there is what the draft says.
  if (sameRules(draft.rules, now.base)) return { draft: now, theirs: [], conflicts: [] };
  const theirs = differencesOf(draft.base, now.base);
  if (!isChanged(draft)) return { draft: now, theirs, conflicts: [] };
  const base = byKey(draft.base);
  const mine = byKey(draft.rules);
  const current = byKey(now.base);
  const conflicts: RuleConflict[] = [];

  const merged = new Map<string, DraftRule>();
  for (const rule of draft.rules) {
    const before = base.get(rule.key);
    const after = current.get(rule.key);
    if (before === undefined) {
      merged.set(rule.key, rule);
      continue;
    }
    const iChanged = !sameContent(before.content, rule.content);
    const theyChanged = after !== undefined && !sameContent(before.content, after.content);
    if (after === undefined) {
      if (!iChanged) continue;
      conflicts.push({ key: rule.key, mine: rule.content, theirs: null });
      merged.set(rule.key, { ...rule, id: null });
      continue;
    }
    if (iChanged && theyChanged && !sameContent(rule.content, after.content)) {
      conflicts.push({ key: rule.key, mine: rule.content, theirs: after.content });
    }
    merged.set(rule.key, iChanged ? rule : after);
  }
  for (const rule of now.base) {
    const before = base.get(rule.key);
    if (before === undefined) merged.set(rule.key, rule);
    else if (!mine.has(rule.key) && !sameContent(before.content, rule.content)) {
      conflicts.push({ key: rule.key, mine: null, theirs: rule.content });
    }
  }
  return { draft: { ...now, rules: inOrder(draft, now.base, merged) }, theirs, conflicts };
}

/** The draft's order where it moved something, else theirs; what only one side has stands behind what it stood behind. */
function inOrder(
  draft: Draft,
  current: readonly DraftRule[],
  merged: ReadonlyMap<string, DraftRule>,
): readonly DraftRule[] {
  const reordered = differencesOf(draft.base, draft.rules).some(({ kind }) => kind === 'moved');
  const [leading, following] = reordered ? [draft.rules, current] : [current, draft.rules];
  const keys = leading.map(({ key }) => key).filter((key) => merged.has(key));
  following.forEach(({ key }, index) => {
    if (!merged.has(key) || keys.includes(key)) return;
    const previous = following
      .slice(0, index)
      .map((rule) => rule.key)
      .findLast((candidate) => keys.includes(candidate));
    keys.splice(previous === undefined ? 0 : keys.indexOf(previous) + 1, 0, key);
  });
  return keys.flatMap((key) => merged.get(key) ?? []);
}

function sameRules(one: readonly DraftRule[], other: readonly DraftRule[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ content }, index) => {
      const match = other[index];
      return match !== undefined && sameContent(content, match.content);
    })
  );
}

function byKey(rules: readonly DraftRule[]): ReadonlyMap<string, DraftRule> {
  return new Map(rules.map((rule) => [rule.key, rule]));
}
