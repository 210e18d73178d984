import {
  compareAddresses,
  formatPrefix,
  hostPrefix,
  isAssignable,
  parsePrefix,
  type IpAddress,
} from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { ResolveName } from '../admission/nameResolution.js';
import type { Clock, Timer } from '../process/clock.js';

/** How often a name is asked for again, milliseconds. */
const refreshMs = 30_000;

/**
 * How long an address counts after it was last among the answers, milliseconds: names of large services answer with
 * a few addresses of many, and a client may have been told others than we were.
 */
const keepMs = 10 * 60_000;

/** Addresses of one name at most; the most recently seen stay. */
const mostAddresses = 64;

interface KnownName {
  /** When each address was last answered, by its prefix. */
  readonly seenAt: Map<string, number>;
  prefixes: readonly string[];
  /** Null before the first answer and while answers come. */
  problem: 'TARGET_UNRESOLVED' | 'TARGET_TIMEOUT' | null;
}

export interface NamesOptions {
  readonly resolve: ResolveName;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What some name stands for has changed. */
  readonly onChange: () => void;
}

/**
 * What the names in rules stand for. A name that no longer resolves keeps its last good answer: rules do not change
 * their meaning because a resolver is down.
 */
export class RuleNames implements Disposable {
  readonly #options: NamesOptions;
  readonly #known = new Map<string, KnownName>();
  #timer: Timer | null = null;
  #asking: Promise<void> = Promise.resolve();
  #disposed = false;

  constructor(options: NamesOptions) {
    this.#options = options;
  }

  /** The names that rules use from now on; new ones are asked for at once. Resolves when they were. */
  use(names: Iterable<string>): Promise<void> {
    const wanted = new Set([...names].map((name) => name.toLowerCase()));
    for (const name of this.#known.keys()) if (!wanted.has(name)) this.#known.delete(name);
    const fresh = [...wanted].filter((name) => !this.#known.has(name));
    for (const name of fresh) {
      this.#known.set(name, { seenAt: new Map(), prefixes: [], problem: null });
    }
    this.#schedule();
    return fresh.length === 0 ? this.#asking : this.#enqueue(fresh);
  }

  /** Host prefixes, in order; empty while nothing is known. */
  addressesOf(name: string): readonly string[] {
    return this.#known.get(name.toLowerCase())?.prefixes ?? [];
  }

  /**
   * What names stand for that no rule uses yet, asked for once and not remembered; those that rules use are not
   * asked for again.
   */
  async lookUp(names: Iterable<string>): Promise<(name: string) => readonly string[]> {
    const unknown = [...new Set([...names].map((name) => name.toLowerCase()))].filter(
      (name) => !this.#known.has(name),
    );
    const found = new Map<string, readonly string[]>();
    await Promise.all(
      unknown.map(async (name) => {
        const answer = await this.#options.resolve(name);
        if (answer.ok) found.set(name, inOrder(answer.value.filter(isAssignable)));
      }),
    );
    return (name) => found.get(name.toLowerCase()) ?? this.addressesOf(name);
  }

  /** Names that stand for nothing, or whose answer is old because they do not resolve now. */
  get problems(): readonly { readonly name: string; readonly lastAnswer: boolean }[] {
    return [...this.#known].flatMap(([name, { prefixes, problem }]) =>
      problem === null ? [] : [{ name, lastAnswer: prefixes.length > 0 }],
    );
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#timer?.cancel();
  }

  #schedule(): void {
    if (this.#timer !== null || this.#known.size === 0 || this.#disposed) return;
    this.#timer = this.#options.clock.after(refreshMs, () => {
      this.#timer = null;
      void this.#enqueue([...this.#known.keys()]).then(() => this.#schedule());
    });
  }

  /** One round after the other, so that an old answer never replaces a new one. */
  #enqueue(names: readonly string[]): Promise<void> {
    this.#asking = this.#asking.then(() => this.#ask(names));
    return this.#asking;
  }

  async #ask(names: readonly string[]): Promise<void> {
    if (this.#disposed) return;
    const changed = await Promise.all(names.map((name) => this.#askOne(name)));
    if (changed.includes(true)) this.#options.onChange();
  }

  async #askOne(name: string): Promise<boolean> {
    const { resolve, clock, logger } = this.#options;
    const answer = await resolve(name);
    const known = this.#known.get(name);
    if (known === undefined) return false;
    if (!answer.ok || answer.value.length === 0) {
      const problem = answer.ok ? 'TARGET_UNRESOLVED' : answer.error;
      if (known.problem === null) logger.warn({ name, reason: problem }, 'a name in a rule does not resolve');
      known.problem = problem;
      return false;
    }
    known.problem = null;
    const now = clock.monotonic();
    for (const address of answer.value.filter(isAssignable)) {
      const prefix = formatPrefix(hostPrefix(address));
      known.seenAt.delete(prefix);
      known.seenAt.set(prefix, now);
    }
    forget(known.seenAt, now);
    const prefixes = inOrder([...known.seenAt.keys()].flatMap(addressOf));
    if (prefixes.join() === known.prefixes.join()) return false;
    known.prefixes = prefixes;
    return true;
  }
}

/** The map is in order of when each was seen last. */
function forget(seenAt: Map<string, number>, now: number): void {
  for (const [prefix, at] of seenAt) {
    if (seenAt.size <= mostAddresses && now - at < keepMs) return;
    seenAt.delete(prefix);
  }
}

function inOrder(addresses: readonly IpAddress[]): readonly string[] {
  return addresses.toSorted(compareAddresses).map((address) => formatPrefix(hostPrefix(address)));
}

function addressOf(hostPrefixText: string): readonly IpAddress[] {
  const prefix = parsePrefix(hostPrefixText);
  return prefix.ok ? [prefix.value.address] : [];
}
