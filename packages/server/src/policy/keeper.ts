import type { Logger } from 'pino';
import type { Clock } from '../process/clock.js';
import { ChangeFollower } from '../servers/changeFollower.js';
import type { Changes } from '../store/changes.js';
import type { PolicyBook } from './book.js';
import type { PolicyMembers } from './joining.js';
import type { RuleNames } from './names.js';

export interface PolicyKeeperOptions {
  readonly book: PolicyBook;
  readonly names: Pick<RuleNames, 'use'>;
  readonly changes: Changes;
  /** Brings live sessions to what the book says: all of them, or those of one client. Resolves when they follow. */
  readonly follow: (clientUuid: string | null) => Promise<void>;
  readonly clock: Pick<Clock, 'after'>;
  readonly logger: Logger;
}

/** Kinds of changes of which the whole is read; a client's groups are read alone. */
const wholes: readonly string[] = ['group', 'policy'];

/**
 * Keeps memory and live sessions in step with the store. Every method is called after the store has acknowledged a
 * change, here or on another server, and resolves when live sessions follow it. All throw `StoreError`; what could not
 * be read then is read later.
 */
export class PolicyKeeper implements PolicyMembers, Disposable {
  readonly #options: PolicyKeeperOptions;
  readonly #follower: ChangeFollower;

  constructor(options: PolicyKeeperOptions) {
    this.#options = options;
    this.#follower = new ChangeFollower({
      ...options,
      concerns: ({ kind, id }) => (kind === 'client' ? { id } : wholes.includes(kind) ? { id: kind } : null),
      read: async (ids) => {
        for (const id of ids) await this.#readPart(id);
      },
      readEverything: () => this.#readEverything(),
    });
  }

  rulesChanged(): Promise<void> {
    return this.#orLater(() => this.#readRules());
  }

  groupsChanged(): Promise<void> {
    return this.#orLater(() => this.#readGroups());
  }

  reachChanged(): Promise<void> {
    return this.#orLater(() => this.#readReach());
  }

  clientChanged(clientUuid: string): Promise<void> {
    return this.#orLater(() => this.#readMember(clientUuid));
  }

  clientRemoved(clientUuid: string): void {
    const { book, follow } = this.#options;
    const before = book.rules.length;
    const isKnownOutside = book.forwardsOf(clientUuid).length + book.prefixesOf(clientUuid).length > 0;
    book.forgetClient(clientUuid);
    if (isKnownOutside || book.rules.length !== before) void follow(null);
  }

  /** Asks for the names that rules use now. */
  namesChanged(): void {
    const { book, names } = this.#options;
    const used = book.rules.flatMap(({ enabled, destination }) =>
      enabled && destination.kind === 'name' ? [destination.name] : [],
    );
    void names.use(used);
  }

  /** Resolves when nothing is being read because of other servers. */
  settled(): Promise<void> {
    return this.#follower.settled();
  }

  [Symbol.dispose](): void {
    this.#follower[Symbol.dispose]();
  }

  /** What was changed here and cannot be read now would else be unknown here until the next change. */
  async #orLater(read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      this.#follower.readAgain();
      throw error;
    }
  }

  async #readPart(id: string): Promise<void> {
    switch (id) {
      case 'group':
        return this.#readGroups();
      case 'policy':
        await this.#readReach();
        return this.#readRules();
      default:
        return this.#readMember(id);
    }
  }

  async #readRules(): Promise<void> {
    await this.#options.book.readRules();
    this.namesChanged();
    await this.#options.follow(null);
  }

  async #readGroups(): Promise<void> {
    await this.#options.book.readGroups();
    await this.#options.follow(null);
  }

  async #readReach(): Promise<void> {
    await this.#options.book.readReach();
    await this.#options.follow(null);
  }

  async #readMember(clientUuid: string): Promise<void> {
    await this.#options.book.readMember(clientUuid);
    await this.#options.follow(clientUuid);
  }

  async #readEverything(): Promise<void> {
    await this.#options.book.readEverything();
    this.namesChanged();
    await this.#options.follow(null);
  }
}
