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
   * Gives holders what they are to have from now on. Returns, in their order, the hold of each; one with another id
   * than before has to be told to the engine, then `release` its old one. Sets change in place where `holders` has
   * all users of one.
   */
  reassign(
    holders: readonly { readonly hold: RuleSetHold; readonly rules: readonly AccessRule[] }[],
  ): readonly RuleSetHold[] {
    const keys = holders.map(({ rules }) => this.#keyOf(rules));
    const users = new Map<number, { count: number; readonly keys: Set<string> }>();
    for (const [index, { hold }] of holders.entries()) {
      const of = users.get(hold.id) ?? { count: 0, keys: new Set<string>() };
      of.count += 1;
      of.keys.add(keys[index] ?? '');
      users.set(hold.id, of);
    }
    const allGoTogether = (set: SharedSet): boolean => {
      const of = users.get(set.id);
      return of?.count === set.users && of.keys.size === 1;
    };
    return holders.map(({ hold, rules }, index) => {
      const key = keys[index] ?? '';
      const set = this.#byId.get(hold.id);
      if (set === undefined) return this.take(rules);
      if (set.key === key) return hold;
      if (!this.#byKey.has(key) && allGoTogether(set)) {
        this.#change(set, key, rules);
        return hold;
      }
      return this.take(rules);
    });
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
