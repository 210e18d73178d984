import type { GroupRecord, Membership } from '../store/groups.js';

/** Groups, and which clients are in which, in memory. */
export class Memberships {
  readonly #groups: ReadonlyMap<string, GroupRecord>;
  readonly #membersOf = new Map<string, Set<string>>();
  readonly #groupsOf = new Map<string, readonly GroupRecord[]>();
  /** Uuids → those groups in order of slug: clients of the same groups share one list. */
  readonly #combinations = new Map<string, readonly GroupRecord[]>();

  /** Nobody is in any of them yet. */
  constructor(groups: readonly GroupRecord[]) {
    this.#groups = new Map(groups.map((group) => [group.uuid, group]));
  }

  /** In the order in which they were given. */
  get groups(): readonly GroupRecord[] {
    return [...this.#groups.values()];
  }

  group(uuid: string): GroupRecord | null {
    return this.#groups.get(uuid) ?? null;
  }

  /** A client's groups, in order of slug; the same array for all clients of the same groups. */
  groupsOf(clientUuid: string): readonly GroupRecord[] {
    return this.#groupsOf.get(clientUuid) ?? noGroups;
  }

  /** Uuids of a group's members, in no order. */
  membersOf(groupUuid: string): ReadonlySet<string> {
    return this.#membersOf.get(groupUuid) ?? new Set();
  }

  /** Puts each client into all of its groups at once: `memberships` has all of each client that it names. */
  placeAll(memberships: readonly Membership[]): void {
    const ofClient = new Map<string, string[]>();
    for (const { clientUuid, groupUuid } of memberships) {
      const own = ofClient.get(clientUuid) ?? [];
      own.push(groupUuid);
      ofClient.set(clientUuid, own);
    }
    for (const [clientUuid, groupUuids] of ofClient) this.place(clientUuid, groupUuids);
  }

  /** A client is in these groups, and in no other. */
  place(clientUuid: string, groupUuids: readonly string[]): void {
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
}

const noGroups: readonly GroupRecord[] = [];
