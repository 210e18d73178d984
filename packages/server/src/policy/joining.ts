import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Repositories } from '../store/repositories.js';
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

/** What the policy wants to hear of clients, after the store has acknowledged. */
export interface PolicyMembers {
  /** A client is new, or its limits or groups changed; its live sessions follow. Throws `StoreError`. */
  clientChanged(clientUuid: string): Promise<void>;
  /** A client is gone with its memberships, port forwards and prefixes. */
  clientRemoved(clientUuid: string): void;
}
