import type { GroupRecord } from '../store/groups.js';
import type { ClientPrefixRecord, PortForwardRecord } from '../store/reach.js';
import type { Repositories } from '../store/repositories.js';
import type { RuleRecord } from '../store/rules.js';
import { namesClient } from './compile.js';

/** What the book is read from. */
export interface PolicySource {
  readonly groups: Pick<Repositories['groups'], 'list' | 'memberships' | 'groupsOf'>;
  readonly rules: Pick<Repositories['rules'], 'list' | 'listVersion'>;
  readonly reach: Pick<Repositories['reach'], 'listForwards' | 'listPrefixes'>;
}

/**
 * Groups, members, rules and what is reachable behind clients, in memory. Whoever changes the store has the book read
 * that part again, after the store has acknowledged; readings happen one after the other, so that the last one wins.
 */
export class PolicyBook {
  readonly #source: PolicySource;
  readonly #membersOf = new Map<string, Set<string>>();
  readonly #groupsOf = new Map<string, readonly GroupRecord[]>();
  /** Uuids → those groups in order of slug: clients of the same groups share one list. */
  readonly #combinations = new Map<string, readonly GroupRecord[]>();
  #groups: ReadonlyMap<string, GroupRecord> = new Map();
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
    return [...this.#groups.values()];
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
    return this.#groups.get(uuid) ?? null;
  }

  findGroup(slug: string): GroupRecord | null {
    return this.groups.find((group) => group.slug === slug) ?? null;
  }

  /**
   * A client's groups, in order of slug: the first that sets a limit decides. Until groups are another, the same array
   * for all clients of the same groups.
   */
  groupsOf(clientUuid: string): readonly GroupRecord[] {
    return this.#groupsOf.get(clientUuid) ?? noGroups;
  }

  /** Uuids of a group's members, in no order. */
  membersOf(groupUuid: string): ReadonlySet<string> {
    return this.#membersOf.get(groupUuid) ?? new Set();
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
      this.#place(clientUuid, await this.#source.groups.groupsOf(clientUuid));
    });
  }

  /** A client is gone with all that depends on it, the rules that name it included. */
  forgetClient(clientUuid: string): void {
    this.#place(clientUuid, []);
    const others = this.#rules.filter((rule) => !namesClient(rule, clientUuid));
    // Unless they were read again meanwhile: their deletion was one change of the list.
    if (others.length < this.#rules.length) this.#listVersion += 1;
    this.#rules = others;
    this.#forwards = this.#forwards.filter((forward) => forward.clientUuid !== clientUuid);
    this.#prefixes = this.#prefixes.filter((prefix) => prefix.clientUuid !== clientUuid);
  }

  async #readGroups(): Promise<void> {
    const groups = await this.#source.groups.list();
    const memberships = await this.#source.groups.memberships();
    this.#groups = new Map(groups.map((group) => [group.uuid, group]));
    const ofClient = new Map<string, string[]>();
    for (const { clientUuid, groupUuid } of memberships) {
      const own = ofClient.get(clientUuid) ?? [];
      own.push(groupUuid);
      ofClient.set(clientUuid, own);
    }
    this.#groupsOf.clear();
    this.#membersOf.clear();
    this.#combinations.clear();
    for (const [clientUuid, groupUuids] of ofClient) this.#place(clientUuid, groupUuids);
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

  #place(clientUuid: string, groupUuids: readonly string[]): void {
    for (const { uuid } of this.groupsOf(clientUuid)) this.#membersOf.get(uuid)?.delete(clientUuid);
    if (groupUuids.length === 0) {
      this.#groupsOf.delete(clientUuid);
      return;
    }
    const groups = this.#combination(groupUuids);
    this.#groupsOf.set(clientUuid, groups);
    for (const { uuid } of groups) {
      const members = this.#membersOf.get(uuid) ?? new Set();
      this.#membersOf.set(uuid, members.add(clientUuid));
    }
  }

  #combination(groupUuids: readonly string[]): readonly GroupRecord[] {
    const known = this.#combinations.get(groupUuids.join());
    if (known !== undefined) return known;
    const sorted = groupUuids
      .flatMap((uuid) => this.#groups.get(uuid) ?? [])
      .sort((a, b) => (a.slug < b.slug ? -1 : 1));
    const inOrder = sorted.map(({ uuid }) => uuid).join();
    const groups = this.#combinations.get(inOrder) ?? sorted;
    this.#combinations.set(inOrder, groups).set(groupUuids.join(), groups);
    return groups;
  }

  #read(reading: () => Promise<void>): Promise<void> {
    const result = this.#reading.then(reading);
    this.#reading = result.catch(() => undefined);
    return result;
  }
}

const noGroups: readonly GroupRecord[] = [];
