import { contentOf, sameContent, type RuleContent, type RuleList } from '../../domain/rules/rule.js';

/** A rule on the page. `key` is its id, or a name of its own until it is saved. */
export interface DraftRule {
  readonly key: string;
  /** Null: the server does not know it yet. */
  readonly id: string | null;
  readonly content: RuleContent;
}

/** Changes to the list of rules that are not saved: what they were made of, and what the list would be. */
export interface Draft {
  /** Version of the list that `base` is. */
  readonly version: number;
  readonly base: readonly DraftRule[];
  readonly rules: readonly DraftRule[];
}

export type ChangeKind = 'added' | 'changed' | 'moved' | 'removed';

/** One difference between two lists of rules. */
export interface RuleDifference {
  readonly kind: ChangeKind;
  readonly rule: DraftRule;
  /** What it said before; null where it was not there. */
  readonly before: RuleContent | null;
  /** Places from 1; null where it is in one list only. */
  readonly from: number | null;
  readonly to: number | null;
}

export function draftOf({ items, version }: Pick<RuleList, 'items' | 'version'>): Draft {
  const base = items.map((rule) => ({ key: rule.id, id: rule.id, content: contentOf(rule) }));
  return { version, base, rules: base };
}

/** Puts a new rule at `index`, or at the end. */
export function addRule(draft: Draft, key: string, content: RuleContent, index = draft.rules.length): Draft {
  return { ...draft, rules: draft.rules.toSpliced(index, 0, { key, id: null, content: contentOf(content) }) };
}

export function changeRule(draft: Draft, key: string, content: RuleContent): Draft {
  const rules = draft.rules.map((rule) =>
    rule.key === key ? { ...rule, content: contentOf(content) } : rule,
  );
  return { ...draft, rules };
}

export function removeRule(draft: Draft, key: string): Draft {
  return { ...draft, rules: draft.rules.filter((rule) => rule.key !== key) };
}

/** Puts a rule back that was removed. */
export function restoreRule(draft: Draft, rule: DraftRule, index: number): Draft {
  if (draft.rules.some(({ key }) => key === rule.key)) return draft;
  return { ...draft, rules: draft.rules.toSpliced(index, 0, rule) };
}

/** Moves a rule to `index` of the list; places beyond it are its ends. */
export function moveRule(draft: Draft, key: string, index: number): Draft {
  const rule = draft.rules.find((candidate) => candidate.key === key);
  if (rule === undefined) return draft;
  const others = draft.rules.filter((candidate) => candidate.key !== key);
  const place = Math.max(0, Math.min(index, others.length));
  return { ...draft, rules: others.toSpliced(place, 0, rule) };
}

export function isChanged({ base, rules }: Draft): boolean {
  return (
    base.length !== rules.length ||
    base.some((rule, index) => {
      const other = rules[index];
      return other?.key !== rule.key || !sameContent(rule.content, other.content);
    })
  );
}

/** What the API takes: all rules, those that are new without an id. */
export function itemsOf(rules: readonly DraftRule[]): (RuleContent & { readonly id?: string })[] {
  return rules.map(({ id, content }) => (id === null ? content : { id, ...content }));
}

/** What puts `base` back after something else was saved: rules that are gone come back as new ones. */
export function undoItems(
  base: readonly DraftRule[],
  ids: ReadonlySet<string>,
): (RuleContent & { readonly id?: string })[] {
  return itemsOf(base.map((rule) => (rule.id !== null && ids.has(rule.id) ? rule : { ...rule, id: null })));
}

/**
 * What is different between two lists: a rule that is there in one only, says something else, or was moved. Moved are
 * as few as possible: those that stay are the longest run that keeps its order.
 */
export function differencesOf(
  base: readonly DraftRule[],
  rules: readonly DraftRule[],
): readonly RuleDifference[] {
  const before = new Map(base.map((rule, index) => [rule.key, { rule, place: index + 1 }]));
  const after = new Set(rules.map(({ key }) => key));
  const staying = stayingKeys(base, rules);
  const removed = base.flatMap((rule, index): RuleDifference[] =>
    after.has(rule.key) ? [] : [{ kind: 'removed', rule, before: rule.content, from: index + 1, to: null }],
  );
  const others = rules.flatMap((rule, index): RuleDifference[] => {
    const known = before.get(rule.key);
    const to = index + 1;
    if (known === undefined) return [{ kind: 'added', rule, before: null, from: null, to }];
    const places = { rule, before: known.rule.content, from: known.place, to };
    return [
      ...(sameContent(known.rule.content, rule.content) ? [] : [{ kind: 'changed' as const, ...places }]),
      ...(staying.has(rule.key) ? [] : [{ kind: 'moved' as const, ...places }]),
    ];
  });
  return [...removed, ...others];
}

/** Keys of the longest common subsequence of those that both lists have. */
function stayingKeys(base: readonly DraftRule[], rules: readonly DraftRule[]): ReadonlySet<string> {
  const places = new Map(base.map(({ key }, index) => [key, index]));
  // The longest rising subsequence of places: for each length the smallest end (patience sorting).
  const kept = rules.flatMap(({ key }) => {
    const place = places.get(key);
    return place === undefined ? [] : [{ key, place }];
  });
  interface Link {
    readonly key: string;
    readonly place: number;
    readonly previous: Link | null;
  }
  const ends: Link[] = [];
  for (const { key, place } of kept) {
    const found = ends.findIndex((end) => end.place > place);
    const length = found < 0 ? ends.length : found;
    ends[length] = { key, place, previous: ends[length - 1] ?? null };
  }
  const keys = new Set<string>();
  for (let link = ends.at(-1) ?? null; link !== null; link = link.previous) keys.add(link.key);
  return keys;
}
