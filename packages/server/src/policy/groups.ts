import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Actor, By } from '../audit/actor.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { Clock } from '../process/clock.js';
import { attempt } from '../store/attempt.js';
import type { AuditDetail } from '../store/audit.js';
import type { GroupChange, GroupRecord } from '../store/groups.js';
import type { Repositories } from '../store/repositories.js';
import type { Store } from '../store/store.js';
import { changedMeanwhile, clientMissing, groupMissing, type PolicyFailure } from './failure.js';
import type { PolicyKeeper } from './keeper.js';

export interface GroupsOptions {
  readonly store: Pick<Store, 'atomically'>;
  readonly directory: Pick<ClientDirectory, 'findBySlug'>;
  readonly keeper: Pick<PolicyKeeper, 'groupsChanged' | 'clientChanged'>;
  readonly clock: Clock;
}

/**
 * Creates, changes and deletes groups: first in the store, with the audit entry, then in memory, then for live
 * sessions. Every method throws `StoreError`.
 */
export class Groups {
  readonly #options: GroupsOptions;

  constructor(options: GroupsOptions) {
    this.#options = options;
  }

  /** Code: GROUP_EXISTS. */
  async create(
    slug: string,
    content: GroupChange,
    actor: Actor,
  ): Promise<Result<GroupRecord, PolicyFailure>> {
    const now = this.#now();
    const created = await attempt<GroupRecord, PolicyFailure>(this.#options.store, async (repositories) => {
      const group = await repositories.groups.create({ ...content, slug, now });
      if (group === null)
        return fail({ code: 'GROUP_EXISTS', message: `there is a group "${slug}" already` });
      await note(repositories, { actor, action: 'group.create', group, detail: detailOf(content), now });
      return ok(group);
    });
    if (created.ok) await this.#options.keeper.groupsChanged();
    return created;
  }

  /** Changes what is named. Codes: GROUP_NOT_FOUND, API_VERSION_CONFLICT. */
  async change(
    slug: string,
    change: GroupChange,
    { actor, version }: By,
  ): Promise<Result<GroupRecord, PolicyFailure>> {
    const now = this.#now();
    const changed = await attempt<GroupRecord, PolicyFailure>(this.#options.store, async (repositories) => {
      const before = await repositories.groups.findBySlug(slug);
      if (before === null) return groupMissing(slug);
      if (version !== null && version !== before.version) return changedMeanwhile(before.version);
      const group = await repositories.groups.update(before.uuid, change, { version: before.version, now });
      if (group === null) return changedMeanwhile(before.version + 1);
      await note(repositories, { actor, action: 'group.update', group, detail: detailOf(change), now });
      return ok(group);
    });
    if (changed.ok) await this.#options.keeper.groupsChanged();
    return changed;
  }

  /** Codes: GROUP_NOT_FOUND, GROUP_IN_USE, API_VERSION_CONFLICT. */
  async remove(slug: string, { actor, version }: By): Promise<Result<void, PolicyFailure>> {
    const now = this.#now();
    const removed = await attempt(
      this.#options.store,
      async (repositories): Promise<Result<void, PolicyFailure>> => {
        const group = await repositories.groups.findBySlug(slug);
        if (group === null) return groupMissing(slug);
        if (version !== null && version !== group.version) return changedMeanwhile(group.version);
        await repositories.rules.hold();
        const users = (await repositories.rules.list()).filter(({ subject, destination }) =>
          [subject, destination].some((end) => end.kind === 'group' && end.id === group.uuid),
        );
        if (users.length > 0) {
          const numbers = users.map(({ number }) => number).join(', ');
          return fail({ code: 'GROUP_IN_USE', message: `rules name "${slug}": number ${numbers}` });
        }
        await repositories.groups.delete(group.uuid);
        await note(repositories, { actor, action: 'group.delete', group, detail: {}, now });
        return ok(undefined);
      },
    );
    if (removed.ok) await this.#options.keeper.groupsChanged();
    return removed;
  }

  /** True when the client was not in the group before. Codes: GROUP_NOT_FOUND, CLIENT_NOT_FOUND. */
  addMember(slug: string, clientSlug: string, actor: Actor): Promise<Result<boolean, PolicyFailure>> {
    const action = 'group.member.add';
    return this.#changeMember({ slug, clientSlug, actor, action }, ({ groups }, client, group, now) =>
      groups.addMember(client, group, now),
    );
  }

  /** True when the client was in the group before. Codes: GROUP_NOT_FOUND, CLIENT_NOT_FOUND. */
  removeMember(slug: string, clientSlug: string, actor: Actor): Promise<Result<boolean, PolicyFailure>> {
    const action = 'group.member.remove';
    return this.#changeMember({ slug, clientSlug, actor, action }, ({ groups }, client, group) =>
      groups.removeMember(client, group),
    );
  }

  async #changeMember(
    change: {
      readonly slug: string;
      readonly clientSlug: string;
      readonly actor: Actor;
      readonly action: string;
    },
    work: (
      repositories: Repositories,
      clientUuid: string,
      groupUuid: string,
      now: number,
    ) => Promise<boolean>,
  ): Promise<Result<boolean, PolicyFailure>> {
    const { slug, clientSlug, actor, action } = change;
    const now = this.#now();
    const client = this.#options.directory.findBySlug(clientSlug);
    if (client === null) return clientMissing(clientSlug);
    const changed = await attempt<boolean, PolicyFailure>(this.#options.store, async (repositories) => {
      const group = await repositories.groups.findBySlug(slug);
      if (group === null) return groupMissing(slug);
      const known = await repositories.clients.findByUuid(client.uuid);
      if (known === null) return clientMissing(clientSlug);
      if (!(await work(repositories, client.uuid, group.uuid, now))) return ok(false);
      const detail = { client: clientSlug };
      await note(repositories, { actor, action, group, detail, now });
      return ok(true);
    });
    if (changed.ok && changed.value) await this.#options.keeper.clientChanged(client.uuid);
    return changed;
  }

  #now(): number {
    return Math.trunc(this.#options.clock.now());
  }
}

/** Audit entry and news of a change of a group. */
async function note(
  repositories: Repositories,
  entry: {
    readonly actor: Actor;
    readonly action: string;
    readonly group: GroupRecord;
    readonly detail: Readonly<Record<string, AuditDetail>>;
    readonly now: number;
  },
): Promise<void> {
  const { actor, action, group, detail, now } = entry;
  await repositories.audit.insert({
    actor,
    action,
    targetKind: 'group',
    target: group.slug,
    detail,
    now,
  });
  await repositories.changes.publish({ kind: 'group', id: group.uuid });
}

function detailOf({ dns, ...change }: GroupChange): Readonly<Record<string, AuditDetail>> {
  const pushed = dns === undefined || dns === null ? dns : { ...dns };
  return pushed === undefined ? { ...change } : { ...change, dns: pushed };
}
