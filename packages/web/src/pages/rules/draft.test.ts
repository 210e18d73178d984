import { describe, expect, test } from 'vitest';
import {
  addRule,
  changeRule,
  differencesOf,
  draftOf,
  isChanged,
  itemsOf,
  moveRule,
  removeRule,
  type Draft,
} from './draft.js';
import { rebase } from './rebase.js';
import { contentOf, type Rule, type RuleContent } from '../../domain/rules/rule.js';

const content: RuleContent = {
  enabled: true,
  action: 'allow',
  subject: { kind: 'everyone' },
  destination: { kind: 'any' },
  protocol: 'any',
  ports: [],
  note: null,
};

function rule(id: string, note = id): Rule {
  const at = { createdAtMs: 0, updatedAtMs: 0, version: 1, number: 1, position: 1, addresses: null };
  return { id, ...at, ...content, note };
}

const list = (text: string, version = 1): { items: Rule[]; version: number } => ({
  items: Array.from(text).map((id) => rule(id)),
  version,
});
const saying = (note: string): RuleContent => ({ ...content, note });
const order = ({ rules }: Draft): string => rules.map(({ key }) => key).join('');
const kinds = (draft: Draft): readonly string[] =>
  differencesOf(draft.base, draft.rules).map(
    ({ kind, rule: { key }, from, to }) => `${kind} ${key} ${from}>${to}`,
  );

describe('a draft', () => {
  test('is unchanged until something is changed, and again once it is taken back', () => {
    const draft = draftOf(list('abc'));
    expect(isChanged(draft)).toBe(false);
    const moved = moveRule(draft, 'a', 2);
    expect(isChanged(moved)).toBe(true);
    expect(isChanged(moveRule(moved, 'a', 0))).toBe(false);
    expect(isChanged(changeRule(draft, 'a', { ...saying('a') }))).toBe(false);
  });

  test('moves a rule to a place of the list without it', () => {
    const draft = draftOf(list('abcd'));
    expect(order(moveRule(draft, 'a', 2))).toBe('bcad');
    expect(order(moveRule(draft, 'd', 0))).toBe('dabc');
    expect(order(moveRule(draft, 'b', 99))).toBe('acdb');
    expect(order(moveRule(draft, 'b', -1))).toBe('bacd');
    expect(moveRule(draft, 'x', 0)).toBe(draft);
  });

  test('sends new rules without an id, and the order as it is', () => {
    const draft = addRule(removeRule(draftOf(list('ab')), 'a'), 'new-1', saying('new'), 0);
    expect(itemsOf(draft.rules)).toEqual([saying('new'), { id: 'b', ...saying('b') }]);
  });

  test('tells what is different, and calls as few as possible moved', () => {
    expect(kinds(moveRule(draftOf(list('abcde')), 'a', 4))).toEqual(['moved a 1>5']);
    expect(kinds(moveRule(draftOf(list('abcde')), 'e', 0))).toEqual(['moved e 5>1']);
    expect(kinds(removeRule(draftOf(list('abc')), 'a'))).toEqual(['removed a 1>null']);
    expect(kinds(addRule(draftOf(list('ab')), 'n', saying('n'), 1))).toEqual(['added n null>2']);
    expect(kinds(moveRule(changeRule(draftOf(list('ab')), 'b', saying('B')), 'b', 0))).toEqual([
      'changed b 2>1',
      'moved b 2>1',
    ]);
  });

  test('the order of names in what the server sends is no difference', () => {
    const subject = JSON.parse('{"id":"staff","kind":"group"}') as Rule['subject'];
    const draft = draftOf({ items: [{ ...rule('a'), subject }], version: 1 });
    const same: RuleContent = { ...saying('a'), subject: { kind: 'group', id: 'staff' } };
    expect(isChanged(changeRule(draft, 'a', same))).toBe(false);
    expect(JSON.stringify(contentOf(same))).toBe(JSON.stringify(draft.rules[0]?.content));
  });
});

describe('a draft on top of what others saved', () => {
  const later = (text: string, changes: Readonly<Record<string, string>> = {}): ReturnType<typeof list> => ({
    items: Array.from(text).map((id) => rule(id, changes[id] ?? id)),
    version: 2,
  });

  test('without changes it is the new list', () => {
    const { draft, theirs, conflicts } = rebase(draftOf(list('abc')), later('cb', { b: 'B' }));
    expect([order(draft), draft.version, isChanged(draft)]).toEqual(['cb', 2, false]);
    expect(theirs.map(({ kind, rule: { key } }) => `${kind} ${key}`)).toEqual([
      ...['removed a', 'moved c', 'changed b'],
    ]);
    expect(conflicts).toEqual([]);
  });

  test('changes of both sides are kept', () => {
    const mine = changeRule(draftOf(list('abc')), 'a', saying('mine'));
    const { draft, conflicts } = rebase(mine, later('abcd', { b: 'theirs' }));
    expect(draft.rules.map(({ content: { note } }) => note)).toEqual(['mine', 'theirs', 'c', 'd']);
    expect(conflicts).toEqual([]);
    expect(kinds(draft)).toEqual(['changed a 1>1']);
  });

  test('a rule that both changed is a conflict, and the draft’s wins', () => {
    const mine = changeRule(draftOf(list('ab')), 'a', saying('mine'));
    const { draft, conflicts } = rebase(mine, later('ab', { a: 'theirs' }));
    expect(draft.rules[0]?.content.note).toBe('mine');
    expect(conflicts).toEqual([{ key: 'a', mine: saying('mine'), theirs: saying('theirs') }]);
  });

  test('the same change of both is none', () => {
    const mine = changeRule(draftOf(list('ab')), 'a', saying('same'));
    const { draft, conflicts } = rebase(mine, later('ab', { a: 'same' }));
    expect([conflicts, isChanged(draft)]).toEqual([[], false]);
  });

  test('a list that says what the draft says is the draft, saved', () => {
    const mine = addRule(draftOf(list('a')), 'new-1', saying('b'));
    const { draft, theirs } = rebase(mine, later('ab'));
    expect([order(draft), isChanged(draft), theirs]).toEqual(['ab', false, []]);
  });

  test('a rule that they deleted and the draft changed comes back as a new one', () => {
    const mine = changeRule(draftOf(list('abc')), 'b', saying('mine'));
    const { draft, conflicts } = rebase(mine, later('ac'));
    expect(order(draft)).toBe('abc');
    expect(draft.rules[1]).toMatchObject({ id: null, content: { note: 'mine' } });
    expect(conflicts).toEqual([{ key: 'b', mine: saying('mine'), theirs: null }]);
  });

  test('a rule that they deleted and the draft only moved is gone', () => {
    const { draft, conflicts } = rebase(moveRule(draftOf(list('abc')), 'a', 2), later('bc'));
    expect([order(draft), conflicts]).toEqual(['bc', []]);
  });

  test('a rule that the draft deleted and they changed is a conflict, and stays deleted', () => {
    const { draft, conflicts } = rebase(removeRule(draftOf(list('ab')), 'a'), later('ab', { a: 'theirs' }));
    expect(order(draft)).toBe('b');
    expect(conflicts).toEqual([{ key: 'a', mine: null, theirs: saying('theirs') }]);
  });

  test('their order holds unless the draft has one of its own', () => {
    const added = addRule(draftOf(list('abc')), 'n', saying('n'), 1);
    expect(order(rebase(added, later('cab')).draft)).toBe('canb');
    const moved = moveRule(draftOf(list('abc')), 'c', 0);
    expect(order(rebase(moved, later('bxac')).draft)).toBe('cabx');
  });

  test('a new rule of theirs at the top stays at the top', () => {
    const moved = moveRule(draftOf(list('abc')), 'c', 1);
    expect(order(rebase(moved, later('xabc')).draft)).toBe('xacb');
  });
});
