import type { AccessRule, Engine } from '@masque-vpn/engine';
import type { Logger } from 'pino';

interface SharedSet {
  readonly id: number;
  key: string;
  rules: readonly AccessRule[];
  users: number;
}

/** A hold on a rule set of the engine; what it names may change under it. */
export interface RuleSetHold {
  readonly id: number;
}

/** Who has a hold, and is to have these rules. */
export interface Holder {
  readonly hold: RuleSetHold;
  readonly rules: readonly AccessRule[];
}

/**
 * Rule sets in the engine, each kept once however many sessions use it. A set that all its users leave for the same
 * other content changes in place: one command, however many sessions follow.
 */
export class RuleSets {
  readonly #engine: Pick<Engine, 'setRules' | 'dropRules'>;
  readonly #logger: Logger;
  readonly #byId = new Map<number, SharedSet>();
  readonly #byKey = new Map<string, SharedSet>();
  readonly #keys = new WeakMap<readonly AccessRule[], string>();
  #lastId = 0;

  constructor(engine: Pick<Engine, 'setRules' | 'dropRules'>, logger: Logger) {
    this.#engine = engine;
    this.#logger = logger;
  }

  /** A set with these rules for one more user. */
  take(rules: readonly AccessRule[]): RuleSetHold {
    const key = this.#keyOf(rules);
    const set = this.#byKey.get(key) ?? this.#make(key, rules);
    set.users += 1;
    return { id: set.id };
  }

  /** One user less; the last one takes the set along. */
  release({ id }: RuleSetHold): void {
    const set = this.#byId.get(id);
    if (set === undefined) return;
    set.users -= 1;
    if (set.users > 0) return;
    this.#byId.delete(id);
    if (this.#byKey.get(set.key) === set) this.#byKey.delete(set.key);
    this.#engine.dropRules(id);
  }

  /**
   * Changes in place each set whose users are all among the holders and are to have the same other content, which no
   * set has yet. Everybody else changes with `move`.
   */
  changeTogether(holders: Iterable<Holder>): void {
    const leaving = new Map<
      number,
      { users: number; key: string | null; readonly rules: readonly AccessRule[] }
    >();
    for (const { hold, rules } of holders) {
      const key = this.#keyOf(rules);
      const known = leaving.get(hold.id);
      if (known === undefined) leaving.set(hold.id, { users: 1, key, rules });
      else {
        known.users += 1;
        if (known.key !== key) known.key = null;
      }
    }
    for (const [id, { users, key, rules }] of leaving) {
      const set = this.#byId.get(id);
      if (set === undefined || key === null || users !== set.users) continue;
      if (set.key !== key && !this.#byKey.has(key)) this.#change(set, key, rules);
    }
  }

  /**
   * The hold of one who is to have these rules: the same, or another that has to be told to the engine before the old
   * one is released.
   */
  move({ hold, rules }: Holder): RuleSetHold {
    return this.#byId.get(hold.id)?.key === this.#keyOf(rules) ? hold : this.take(rules);
  }

  /** Nothing is kept of sets without users: for tests of leaks. */
  get size(): number {
    return this.#byId.size;
  }

  /** Many sessions have the same array: its text is made once. */
  #keyOf(rules: readonly AccessRule[]): string {
    const known = this.#keys.get(rules);
    if (known !== undefined) return known;
    const key = JSON.stringify(rules);
    this.#keys.set(rules, key);
    return key;
  }

  #make(key: string, rules: readonly AccessRule[]): SharedSet {
    this.#lastId += 1;
    const set: SharedSet = { id: this.#lastId, key, rules, users: 0 };
    this.#byId.set(set.id, set);
    this.#byKey.set(key, set);
    this.#tell(set);
    return set;
  }

  #change(set: SharedSet, key: string, rules: readonly AccessRule[]): void {
    this.#byKey.delete(set.key);
    set.key = key;
    set.rules = rules;
    this.#byKey.set(key, set);
    this.#tell(set);
  }

  #tell({ id, rules }: SharedSet): void {
    const told = this.#engine.setRules(id, { rules });
    // A set the engine does not know denies everything: nothing passes by mistake.
    if (!told.ok)
      this.#logger.error({ err: told.error, rules: rules.length }, 'the engine did not take a rule set');
  }
}
