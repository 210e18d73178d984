import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Repositories } from '../store/repositories.js';
import { namesClient } from './compile.js';
import type { PolicyFailure } from './failure.js';

/** The group of clients that were put into none by name. */
export const defaultGroupSlug = 'default';

/**
 * Puts a client that was just made into its groups, within the same transaction; null: into `default`, if there is
 * one. Then, after the transaction, call `PolicyMembers.clientChanged`. Code: GROUP_NOT_FOUND.
 */
export async function joinGroups(
  repositories: Repositories,
  join: { readonly clientUuid: string; readonly groups: readonly string[] | null; readonly now: number },
): Promise<Result<void, PolicyFailure>> {
  for (const slug of new Set(join.groups ?? [defaultGroupSlug])) {
    const group = await repositories.groups.findBySlug(slug);
    if (group !== null) await repositories.groups.addMember(join.clientUuid, group.uuid, join.now);
    else if (join.groups !== null) {
      return fail({ code: 'GROUP_NOT_FOUND', message: `there is no group "${slug}"` });
    }
  }
  return ok(undefined);
}

/**
 * Deletes the rules that name a client, within the transaction that deletes the client: they could match nothing any
 * more. Returns their numbers, for the audit log.
 */
export async function deleteRulesOf(
  repositories: Repositories,
  clientUuid: string,
): Promise<readonly number[]> {
  const named = (await repositories.rules.list()).filter((rule) => namesClient(rule, clientUuid));
  if (named.length === 0) return [];
  await repositories.rules.lock();
  await repositories.rules.delete(named.map(({ uuid }) => uuid));
  await repositories.changes.publish({ kind: 'policy', id: 'rules' });
  return named.map(({ number }) => number);
}

/** What the policy wants to hear of clients, after the store has acknowledged. */
export interface PolicyMembers {
  /** A client is new, or its limits or groups changed; its live sessions follow. Throws `StoreError`. */
  clientChanged(clientUuid: string): Promise<void>;
  /** A client is gone with its memberships, port forwards, prefixes, and the rules that named it. */
  clientRemoved(clientUuid: string): void;
}
