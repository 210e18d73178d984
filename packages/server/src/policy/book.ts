import type { GroupRecord } from '../store/groups.js';
import type { ClientPrefixRecord, PortForwardRecord } from '../store/reach.js';
import type { Repositories } from '../store/repositories.js';
import type { RuleRecord } from '../store/rules.js';
import { namesClient } from './compile.js';
import { Memberships } from './memberships.js';

/** What the book is read from. */
export interface PolicySource {
  readonly groups: Pick<Repositories['groups'], 'list' | 'memberships' | 'groupsOf'>;
  readonly rules: Pick<Repositories['rules'], 'list' | 'listVersion'>;
  readonly reach: Pick<Repositories['reach'], 'listForwards' | 'listPrefixes'>;
}

/** Of so many clients memberships are read at once: the event loop has its turn after each. */
const clientsAtOnce = 500;

/**
 * Groups, members, rules and what is reachable behind clients, in memory. Whoever changes the store has the book read
 * that part again, after the store has acknowledged; readings happen one after the other, so that the last one wins.
 */
export class PolicyBook {
  readonly #source: PolicySource;
  #memberships = new Memberships([]);
  /** Clients that were removed while memberships are read: what was read of them before is void. */
  readonly #removed = new Set<string>();
  #rules: readonly RuleRecord[] = [];
  #listVersion = 0;
  #forwards: readonly PortForwardRecord[] = [];
  #prefixes: readonly ClientPrefixRecord[] = [];
  #reading: Promise<void> = Promise.resolve();

  constructor(source: PolicySource) {
    this.#source = source;
  }

  /** Reads all of the store; throws `StoreError` when it cannot be read. */
  static async load(source: PolicySource): Promise<PolicyBook> {
    const book = new PolicyBook(source);
    await book.readEverything();
    return book;
  }

  /** In the order in which they are judged. */
  get rules(): readonly RuleRecord[] {
    return this.#rules;
  }

  /** Version of the list of rules as a whole. */
  get listVersion(): number {
    return this.#listVersion;
  }

  /** In order of slug. */
  get groups(): readonly GroupRecord[] {
    return this.#memberships.groups;
  }

  /** In order of public port. */
  get forwards(): readonly PortForwardRecord[] {
    return this.#forwards;
  }

  /** In order of their making. */
  get prefixes(): readonly ClientPrefixRecord[] {
    return this.#prefixes;
  }

  group(uuid: string): GroupRecord | null {
    return this.#memberships.group(uuid);
  }

  findGroup(slug: string): GroupRecord | null {
    return this.groups.find((group) => group.slug === slug) ?? null;
  }

  /**
   * A client's groups, in order of slug: the first that sets a limit decides. Until groups are another, the same array
   * for all clients of the same groups.
   */
  groupsOf(clientUuid: string): readonly GroupRecord[] {
    return this.#memberships.groupsOf(clientUuid);
  }

  /** Uuids of a group's members, in no order. */
  membersOf(groupUuid: string): ReadonlySet<string> {
    return this.#memberships.membersOf(groupUuid);
  }

  prefixesOf(clientUuid: string): readonly ClientPrefixRecord[] {
    return this.#prefixes.filter((prefix) => prefix.clientUuid === clientUuid);
  }

  forwardsOf(clientUuid: string): readonly PortForwardRecord[] {
    return this.#forwards.filter((forward) => forward.clientUuid === clientUuid);
  }

  readEverything(): Promise<void> {
    return this.#read(async () => {
      await this.#readGroups();
      await this.#readRules();
      await this.#readReach();
    });
  }

  readGroups(): Promise<void> {
    return this.#read(() => this.#readGroups());
  }

  readRules(): Promise<void> {
    return this.#read(() => this.#readRules());
  }

  readReach(): Promise<void> {
    return this.#read(() => this.#readReach());
  }

  /** One client's memberships. */
  readMember(clientUuid: string): Promise<void> {
    return this.#read(async () => {
      this.#memberships.place(clientUuid, await this.#source.groups.groupsOf(clientUuid));
    });
  }

  /** A client is gone with all that depends on it, the rules that name it included. */
  forgetClient(clientUuid: string): void {
    this.#memberships.place(clientUuid, []);
    this.#removed.add(clientUuid);
    const others = this.#rules.filter((rule) => !namesClient(rule, clientUuid));
    // Unless they were read again meanwhile: their deletion was one change of the list.
    if (others.length < this.#rules.length) this.#listVersion += 1;
    this.#rules = others;
    this.#forwards = this.#forwards.filter((forward) => forward.clientUuid !== clientUuid);
    this.#prefixes = this.#prefixes.filter((prefix) => prefix.clientUuid !== clientUuid);
  }

  /** Everybody is as before until all of it is read. */
  async #readGroups(): Promise<void> {
    const { groups } = this.#source;
    this.#removed.clear();
    const memberships = new Memberships(await groups.list());
    for (let after: string | null = null; ;) {
      const page = await groups.memberships({ after, clients: clientsAtOnce });
      memberships.placeAll(page);
      after = page.at(-1)?.clientUuid ?? null;
      if (after === null) break;
    }
    for (const clientUuid of this.#removed) memberships.place(clientUuid, []);
    this.#memberships = memberships;
  }

  async #readRules(): Promise<void> {
    // The version first: a list that is newer than its version only makes somebody read it again.
    this.#listVersion = await this.#source.rules.listVersion();
    this.#rules = await this.#source.rules.list();
  }

  async #readReach(): Promise<void> {
    this.#forwards = await this.#source.reach.listForwards();
    this.#prefixes = await this.#source.reach.listPrefixes();
  }

  #read(reading: () => Promise<void>): Promise<void> {
    const result = this.#reading.then(reading);
    this.#reading = result.catch(() => undefined);
    return result;
  }
}
