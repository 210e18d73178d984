import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue';
import { useSession } from '../../app/session.js';
import type { RuleContent, RuleList } from '../../domain/rules/rule.js';
import * as edit from './draft.js';
import { DraftStore } from './draftStore.js';
import { rebase, type Rebased } from './rebase.js';

export interface RuleDraft {
  /** Null until the rules were read. */
  readonly draft: ComputedRef<edit.Draft | null>;
  readonly changed: ComputedRef<boolean>;
  readonly differences: ComputedRef<readonly edit.RuleDifference[]>;
  /** Others saved other rules since the draft was begun: what they did, and the draft on top of it. Null: nobody did. */
  readonly overtaken: ComputedRef<Rebased | null>;
  /** Puts the draft on top of what others saved. */
  takeOver(): void;
  /** Throws all changes away; returns what takes that back. */
  discard(): () => void;
  /** The draft was saved as this list. */
  saved(list: Pick<RuleList, 'items' | 'version'>): void;
  add(content: RuleContent, before: string | null): string;
  change(key: string, content: RuleContent): void;
  move(key: string, index: number): void;
  /** Returns what takes it back. */
  remove(key: string): () => void;
}

/**
 * The list of rules as somebody is changing it, over what the server has; kept in this tab until it is saved.
 * @param typing whether a form over one of its rules is open: what others save then is told, and does not replace it
 */
export function useRuleDraft(list: Ref<RuleList | undefined>, typing: () => boolean): RuleDraft {
  const store = new DraftStore(sessionStorage, useSession().principal.value?.name ?? '');
  const draft = shallowRef<edit.Draft | null>(store.load());

  const put = (next: edit.Draft): void => {
    draft.value = next;
    if (edit.isChanged(next)) store.save(next);
    else store.clear();
  };
  const apply = (change: (current: edit.Draft) => edit.Draft): void => {
    if (draft.value !== null) put(change(draft.value));
  };

  const newer = computed(() => {
    if (list.value === undefined || draft.value === null) return null;
    return list.value.version === draft.value.version ? null : rebase(draft.value, list.value);
  });
  watch(
    [list, typing],
    ([read, isTyping]) => {
      if (read === undefined) return;
      if (draft.value === null) put(edit.draftOf(read));
      // Nothing is at stake: nobody changed what a rule says, or there is no draft.
      else if (
        newer.value !== null &&
        (newer.value.theirs.length === 0 || !(isTyping || edit.isChanged(draft.value)))
      ) {
        put(newer.value.draft);
      }
    },
    { immediate: true },
  );

  return {
    draft: computed(() => draft.value),
    changed: computed(() => draft.value !== null && edit.isChanged(draft.value)),
    differences: computed(() =>
      draft.value === null ? [] : edit.differencesOf(draft.value.base, draft.value.rules),
    ),
    overtaken: newer,
    takeOver: () => {
      if (newer.value !== null) put(newer.value.draft);
    },
    discard: () => {
      const before = draft.value;
      if (list.value !== undefined) put(edit.draftOf(list.value));
      return () => {
        if (before !== null) put(before);
      };
    },
    saved: (read) => put(edit.draftOf(read)),
    add: (content, before) => {
      const key = `new-${Date.now().toString(36)}`;
      apply((current) => {
        const index = current.rules.findIndex(({ id }) => id !== null && id === before);
        return edit.addRule(current, key, content, index < 0 ? undefined : index);
      });
      return key;
    },
    change: (key, content) => apply((current) => edit.changeRule(current, key, content)),
    move: (key, index) => apply((current) => edit.moveRule(current, key, index)),
    remove: (key) => {
      const index = draft.value?.rules.findIndex((rule) => rule.key === key) ?? -1;
      const rule = draft.value?.rules[index];
      apply((current) => edit.removeRule(current, key));
      return () => {
        if (rule !== undefined) apply((current) => edit.restoreRule(current, rule, index));
      };
    },
  };
}
