import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RuleRecord } from '../store/rules.js';
import { placeAmong, type RulePlace } from './ruleOrder.js';
import { ruleRecord } from './testing/memoryPolicy.js';

/** Rules called a, b, … at these positions. */
function rules(...positions: readonly number[]): readonly RuleRecord[] {
  return positions.map((position, index) => ({
    ...ruleRecord({}, index),
    uuid: String.fromCharCode(97 + index),
    position,
  }));
}

/** The order that placing a rule called `new` leads to. */
function orderAfter(others: readonly RuleRecord[], place: RulePlace): string | null {
  const placement = placeAmong(others, place);
  if (placement === null) return null;
  const all = [
    ...others.map(({ uuid, position }) => ({ uuid, position: placement.moved.get(uuid) ?? position })),
    { uuid: 'new', position: placement.position },
  ];
  expect(new Set(all.map(({ position }) => position)).size).toBe(all.length);
  return all
    .sort((a, b) => a.position - b.position)
    .map(({ uuid }) => uuid)
    .join(' ');
}

test.each<[RulePlace, string | null]>([
  [{ kind: 'end' }, 'a b c new'],
  [{ kind: 'position', position: 1 }, 'new a b c'],
  [{ kind: 'position', position: 3 }, 'a b new c'],
  [{ kind: 'position', position: 99 }, 'a b c new'],
  [{ kind: 'before', uuid: 'a' }, 'new a b c'],
  [{ kind: 'after', uuid: 'a' }, 'a new b c'],
  [{ kind: 'after', uuid: 'c' }, 'a b c new'],
  [{ kind: 'before', uuid: 'x' }, null],
])('%j', (place, order) => {
  expect(orderAfter(rules(1, 2, 3), place)).toBe(order);
  expect(orderAfter([], { kind: 'end' })).toBe('new');
});

test('nobody moves while there is room, and everybody does when there is none', () => {
  expect(placeAmong(rules(1, 2), { kind: 'after', uuid: 'a' })).toEqual({ position: 1.5, moved: new Map() });
  const tight = rules(1, 1 + Number.EPSILON);
  const { moved } = placeAmong(tight, { kind: 'after', uuid: 'a' }) ?? { moved: new Map() };
  expect([...moved.keys()]).toEqual(['a', 'b']);
  expect(orderAfter(tight, { kind: 'after', uuid: 'a' })).toBe('a new b');
});

test('however often rules are put between others, the order is the one that was asked for', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { minLength: 60, maxLength: 120 }), (indices) => {
      let list: RuleRecord[] = [];
      const expected: string[] = [];
      for (const [step, index] of indices.entries()) {
        const at = Math.min(index, list.length);
        const placement = placeAmong(list, { kind: 'position', position: at + 1 });
        if (placement === null) throw new Error('a position is always there');
        const uuid = String(step);
        list = [
          ...list.map((rule) => ({ ...rule, position: placement.moved.get(rule.uuid) ?? rule.position })),
          { ...ruleRecord({}, step), uuid, position: placement.position },
        ].sort((a, b) => a.position - b.position);
        expected.splice(at, 0, uuid);
      }
      expect(list.map(({ uuid }) => uuid)).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});
