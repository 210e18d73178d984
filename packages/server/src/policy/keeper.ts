import type { Logger } from 'pino';
import type { Change, Changes } from '../store/changes.js';
import type { PolicyBook } from './book.js';
import type { PolicyMembers } from './joining.js';
import type { RuleNames } from './names.js';

export interface PolicyKeeperOptions {
  readonly book: PolicyBook;
  readonly names: Pick<RuleNames, 'use'>;
  readonly changes: Changes;
  /** Brings live sessions to what the book says: all of them, or those of one client. Resolves when they follow. */
  readonly follow: (clientUuid: string | null) => Promise<void>;
  readonly logger: Logger;
}

/**
 * Keeps memory and live sessions in step with the store. Every method is called after the store has acknowledged a
 * change, here or on another server, and resolves when live sessions follow it. All throw `StoreError`.
 */
export class PolicyKeeper implements PolicyMembers, Disposable {
  readonly #options: PolicyKeeperOptions;
  readonly #subscription: Disposable;

  constructor(options: PolicyKeeperOptions) {
    this.#options = options;
    this.#subscription = options.changes.subscribe((change) => {
      this.#heard(change).catch((error: unknown) => {
        options.logger.error({ err: error, change: change.kind }, 'a change of the policy was not read');
      });
    });
  }

  async rulesChanged(): Promise<void> {
    await this.#options.book.readRules();
    this.namesChanged();
    await this.#options.follow(null);
  }

  async groupsChanged(): Promise<void> {
    await this.#options.book.readGroups();
    await this.#options.follow(null);
  }

  async reachChanged(): Promise<void> {
    await this.#options.book.readReach();
    await this.#options.follow(null);
  }

  async clientChanged(clientUuid: string): Promise<void> {
    await this.#options.book.readMember(clientUuid);
    await this.#options.follow(clientUuid);
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

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  async #heard(change: Change): Promise<void> {
    switch (change.kind) {
      case 'resync':
        await this.#options.book.readEverything();
        this.namesChanged();
        await this.#options.follow(null);
        return;
      case 'client':
        return this.clientChanged(change.id);
      case 'group':
        return this.groupsChanged();
      case 'policy':
        await this.reachChanged();
        return this.rulesChanged();
      default:
        return undefined;
    }
  }
}
