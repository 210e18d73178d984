import type { AccessRule, RuleSet } from '@masque-vpn/engine';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { RuleSets, type Holder, type RuleSetHold } from './ruleSets.js';

/** An engine that only keeps rule sets. */
class SetKeeper {
  readonly sets = new Map<number, RuleSet>();
  commands = 0;

  setRules(id: number, rules: RuleSet): { readonly ok: true; readonly value: undefined } {
    this.commands += 1;
    this.sets.set(id, rules);
    return { ok: true, value: undefined };
  }

  dropRules(id: number): void {
    this.sets.delete(id);
  }
}

function rules(id: number): readonly AccessRule[] {
  return [{ id, action: 'allow', opened: 'byPeer', remote: { kind: 'any' }, protocol: 0, ports: [] }];
}

function start(): { readonly engine: SetKeeper; readonly sets: RuleSets } {
  const engine = new SetKeeper();
  return { engine, sets: new RuleSets(engine, pino({ level: 'silent' })) };
}

/** All of them follow, one after the other. */
function reassign(sets: RuleSets, holders: readonly Holder[]): readonly RuleSetHold[] {
  sets.changeTogether(holders);
  return holders.map((holder) => sets.move(holder));
}

test('equal content is in the engine once, and goes with its last user', () => {
  const { engine, sets } = start();
  const [first, second] = [sets.take(rules(1)), sets.take(rules(1))];
  expect([first.id === second.id, engine.commands]).toEqual([true, 1]);
  sets.release(first);
  expect(engine.sets.size).toBe(1);
  sets.release(second);
  expect([engine.sets.size, sets.size]).toEqual([0, 0]);
});

test('what all users leave together changes in place: one command for any number of them', () => {
  const { engine, sets } = start();
  const holds = Array.from({ length: 100 }, () => sets.take(rules(1)));
  const after = rules(2);
  const told = reassign(
    sets,
    holds.map((hold) => ({ hold, rules: after })),
  );
  expect(told).toEqual(holds);
  expect(engine.commands).toBe(2);
  expect(engine.sets.get(holds[0]?.id ?? 0)).toEqual({ rules: after });
});

test('users who part ways get sets of their own, and nobody’s content changes under them', () => {
  const { engine, sets } = start();
  const [first, second] = [sets.take(rules(1)), sets.take(rules(1))];
  const [kept, moved] = reassign(sets, [
    { hold: first, rules: rules(1) },
    { hold: second, rules: rules(2) },
  ]);
  expect(kept).toBe(first);
  expect(moved?.id).not.toBe(second.id);
  sets.release(second);
  expect(engine.sets.get(first.id)).toEqual({ rules: rules(1) });
  expect(engine.sets.get(moved?.id ?? 0)).toEqual({ rules: rules(2) });
});

test('a set that others use too is not changed for some of its users', () => {
  const { engine, sets } = start();
  const [mine, theirs] = [sets.take(rules(1)), sets.take(rules(1))];
  const [moved] = reassign(sets, [{ hold: mine, rules: rules(2) }]);
  sets.release(mine);
  expect(moved?.id).not.toBe(theirs.id);
  expect(engine.sets.get(theirs.id)).toEqual({ rules: rules(1) });
});

test('two sets that become equal become one', () => {
  const { engine, sets } = start();
  const holds = [sets.take(rules(1)), sets.take(rules(2))];
  const told = reassign(
    sets,
    holds.map((hold) => ({ hold, rules: rules(3) })),
  );
  for (const [index, hold] of holds.entries()) if (told[index] !== hold) sets.release(hold);
  expect(told[0]?.id).toBe(told[1]?.id);
  expect(engine.sets.size).toBe(1);
  for (const hold of told) sets.release(hold);
  expect(engine.sets.size).toBe(0);
});
