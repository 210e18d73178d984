import { ok, type Result } from '@masque-vpn/protocol';
import type { Actor, By } from '../audit/actor.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { PolicyBook } from '../policy/book.js';
import { groupMissing, type PolicyFailure } from '../policy/failure.js';
import type { Groups } from '../policy/groups.js';
import type { GroupChange, GroupRecord } from '../store/groups.js';
import type { GroupChangeModel, GroupModel, NewGroupModel } from './models/group.js';
import type { GroupLimitsModel } from './models/limits.js';
import { cutPage, nameKey, type Page, type PageQuery, parseCursor } from './page.js';
import type { ApiFailure } from './problem.js';

export interface GroupAdministrationOptions {
  readonly groups: Groups;
  readonly book: PolicyBook;
  readonly directory: Pick<ClientDirectory, 'findByUuid'>;
}

/** Groups as the API shows and changes them. What changes them throws `StoreError` when the store is lost. */
export class GroupAdministration {
  readonly #options: GroupAdministrationOptions;

  constructor(options: GroupAdministrationOptions) {
    this.#options = options;
  }

  /** Code: API_REQUEST_INVALID. */
  list({ limit, cursor }: PageQuery): Result<Page<GroupModel>, ApiFailure> {
    const after = parseCursor(cursor, nameKey);
    if (!after.ok) return after;
    const [last = ''] = after.value ?? [];
    const found = this.#options.book.groups.filter(({ slug }) => slug > last).slice(0, limit + 1);
    return ok(
      cutPage(
        found,
        limit,
        ({ slug }) => [slug],
        (group) => this.#model(group),
      ),
    );
  }

  /** Code: GROUP_NOT_FOUND. */
  find(id: string): Result<GroupModel, PolicyFailure> {
    const group = this.#options.book.findGroup(id);
    return group === null ? groupMissing(id) : ok(this.#model(group));
  }

  /** Code: GROUP_EXISTS. */
  async create({ id, ...content }: NewGroupModel, actor: Actor): Promise<Result<GroupModel, PolicyFailure>> {
    const created = await this.#options.groups.create(id, changeOf(content), actor);
    return created.ok ? ok(this.#model(created.value)) : created;
  }

  /** Codes: GROUP_NOT_FOUND, API_VERSION_CONFLICT. */
  async change(id: string, change: GroupChangeModel, by: By): Promise<Result<GroupModel, PolicyFailure>> {
    const changed = await this.#options.groups.change(id, changeOf(change), by);
    return changed.ok ? ok(this.#model(changed.value)) : changed;
  }

  /** Codes: GROUP_NOT_FOUND, GROUP_IN_USE, API_VERSION_CONFLICT. */
  remove(id: string, by: By): Promise<Result<void, PolicyFailure>> {
    return this.#options.groups.remove(id, by);
  }

  /** Codes: GROUP_NOT_FOUND, API_REQUEST_INVALID. */
  members(
    id: string,
    { limit, cursor }: PageQuery,
  ): Result<Page<{ readonly clientId: string }>, ApiFailure | PolicyFailure> {
    const { book, directory } = this.#options;
    const group = book.findGroup(id);
    if (group === null) return groupMissing(id);
    const after = parseCursor(cursor, nameKey);
    if (!after.ok) return after;
    const [last = ''] = after.value ?? [];
    const slugs = [...book.membersOf(group.uuid)].flatMap((uuid) => directory.findByUuid(uuid)?.slug ?? []);
    const found = slugs.filter((slug) => slug > last).sort();
    return ok(
      cutPage(
        found.slice(0, limit + 1),
        limit,
        (slug) => [slug],
        (clientId) => ({ clientId }),
      ),
    );
  }

  /** Codes: GROUP_NOT_FOUND, CLIENT_NOT_FOUND. */
  addMember(id: string, clientId: string, actor: Actor): Promise<Result<boolean, PolicyFailure>> {
    return this.#options.groups.addMember(id, clientId, actor);
  }

  /** Codes: GROUP_NOT_FOUND, CLIENT_NOT_FOUND. */
  removeMember(id: string, clientId: string, actor: Actor): Promise<Result<boolean, PolicyFailure>> {
    return this.#options.groups.removeMember(id, clientId, actor);
  }

  #model(group: GroupRecord): GroupModel {
    return {
      id: group.slug,
      displayName: group.displayName,
      note: group.note,
      limits: limitsModel(group),
      oidcClaim: group.oidcClaim,
      members: this.#options.book.membersOf(group.uuid).size,
      createdAtMs: group.createdAt,
      updatedAtMs: group.updatedAt,
      version: group.version,
    };
  }
}

function limitsModel(group: GroupRecord): GroupLimitsModel {
  const { dns } = group;
  return {
    rateUpBytesPerSecond: group.rateUp,
    rateDownBytesPerSecond: group.rateDown,
    sharedRateUpBytesPerSecond: group.sharedRateUp,
    sharedRateDownBytesPerSecond: group.sharedRateDown,
    monthlyQuotaBytes: group.monthlyQuota,
    maxSessions: group.maxSessions,
    routes: group.routes === null ? null : [...group.routes],
    dns: dns === null ? null : { servers: [...dns.servers], searchDomains: [...dns.searchDomains] },
  };
}

function changeOf({ displayName, note, oidcClaim, limits = {} }: GroupChangeModel): GroupChange {
  const change = {
    displayName,
    note,
    oidcClaim,
    rateUp: limits.rateUpBytesPerSecond,
    rateDown: limits.rateDownBytesPerSecond,
    sharedRateUp: limits.sharedRateUpBytesPerSecond,
    sharedRateDown: limits.sharedRateDownBytesPerSecond,
    monthlyQuota: limits.monthlyQuotaBytes,
    maxSessions: limits.maxSessions,
    routes: limits.routes,
    dns: limits.dns,
  };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
