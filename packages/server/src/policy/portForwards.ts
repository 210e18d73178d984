import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Actor, By } from '../audit/actor.js';
import type { Clock } from '../process/clock.js';
import { attempt } from '../store/attempt.js';
import type { PortForwardContent, PortForwardRecord } from '../store/reach.js';
import type { Repositories } from '../store/repositories.js';
import type { Store } from '../store/store.js';
import { changedMeanwhile, clientMissing, type PolicyFailure } from './failure.js';
import type { PolicyKeeper } from './keeper.js';
import { canonicalPrefixes, type Slugs } from './ruleDraft.js';

/** A forward as people write it: the client by slug. */
export type PortForwardDraft = Omit<PortForwardContent, 'clientUuid'> & { readonly clientSlug: string };

export interface PortForwardsOptions {
  readonly store: Pick<Store, 'atomically'>;
  readonly slugs: Slugs;
  readonly keeper: Pick<PolicyKeeper, 'reachChanged'>;
  /** What the server itself listens on; null: nothing there. */
  readonly usedBy: (protocol: 6 | 17, port: number) => string | null;
  readonly clock: Clock;
}

/**
 * Creates, changes and deletes ports of the server that lead to clients: first in the store, with the audit entry,
 * then in memory, in the engine and on the host. Every method throws `StoreError`.
 */
export class PortForwards {
  readonly #options: PortForwardsOptions;

  constructor(options: PortForwardsOptions) {
    this.#options = options;
  }

  /** Codes: CLIENT_NOT_FOUND, PORT_FORWARD_TAKEN, PORT_FORWARD_RESERVED. */
  create(draft: PortForwardDraft, actor: Actor): Promise<Result<PortForwardRecord, PolicyFailure>> {
    return this.#change(async (repositories, now) => {
      const content = this.#contentOf(draft);
      if (!content.ok) return content;
      const forward = await repositories.reach.insertForward({ ...content.value, now });
      if (forward === null) return taken(draft);
      await note(repositories, {
        actor,
        action: 'portForward.create',
        forward,
        client: draft.clientSlug,
        now,
      });
      return ok(forward);
    });
  }

  /** Codes: PORT_FORWARD_NOT_FOUND, CLIENT_NOT_FOUND, PORT_FORWARD_TAKEN, PORT_FORWARD_RESERVED, API_VERSION_CONFLICT. */
  change(
    uuid: string,
    change: Partial<PortForwardDraft>,
    { actor, version }: By,
  ): Promise<Result<PortForwardRecord, PolicyFailure>> {
    return this.#change(async (repositories, now) => {
      const before = await repositories.reach.findForward(uuid);
      if (before === null) return notFound(uuid);
      if (version !== null && version !== before.version) return changedMeanwhile(before.version);
      const owner = await repositories.clients.findByUuid(before.clientUuid);
      if (owner === null) return notFound(uuid);
      const draft: PortForwardDraft = { ...before, clientSlug: owner.slug, ...change };
      const content = this.#contentOf(draft);
      if (!content.ok) return content;
      const { protocol, publicPort } = content.value;
      const others = await repositories.reach.listForwards();
      const rival = others.find((other) => other.protocol === protocol && other.publicPort === publicPort);
      if (rival !== undefined && rival.uuid !== uuid) return taken(draft);
      const guard = { version: before.version, now };
      const forward = await repositories.reach.updateForward(uuid, content.value, guard);
      if (forward === null) return changedMeanwhile(before.version + 1);
      await note(repositories, {
        actor,
        action: 'portForward.update',
        forward,
        client: draft.clientSlug,
        now,
      });
      return ok(forward);
    });
  }

  /** Codes: PORT_FORWARD_NOT_FOUND, API_VERSION_CONFLICT. */
  remove(uuid: string, { actor, version }: By): Promise<Result<void, PolicyFailure>> {
    return this.#change(async (repositories, now) => {
      const forward = await repositories.reach.findForward(uuid);
      if (forward === null) return notFound(uuid);
      if (version !== null && version !== forward.version) return changedMeanwhile(forward.version);
      await repositories.reach.deleteForward(uuid);
      const owner = await repositories.clients.findByUuid(forward.clientUuid);
      const client = owner?.slug ?? '';
      await note(repositories, { actor, action: 'portForward.delete', forward, client, now });
      return ok(undefined);
    });
  }

  #contentOf({ clientSlug, ...draft }: PortForwardDraft): Result<PortForwardContent, PolicyFailure> {
    const clientUuid = this.#options.slugs.client(clientSlug);
    if (clientUuid === null) return clientMissing(clientSlug);
    const { enabled, protocol, publicPort, clientPort, note: text } = draft;
    const user = this.#options.usedBy(protocol, publicPort);
    if (user !== null) {
      const message = `${protocol === 6 ? 'TCP' : 'UDP'} port ${publicPort} is for ${user}`;
      return fail({ code: 'PORT_FORWARD_RESERVED', message });
    }
    const sources = canonicalPrefixes(draft.sources);
    return ok({ enabled, protocol, publicPort, clientUuid, clientPort, sources, note: text });
  }

  async #change<T>(
    work: (repositories: Repositories, now: number) => Promise<Result<T, PolicyFailure>>,
  ): Promise<Result<T, PolicyFailure>> {
    const { store, keeper, clock } = this.#options;
    const now = Math.trunc(clock.now());
    const changed = await attempt<T, PolicyFailure>(store, async (repositories) => {
      const outcome = await work(repositories, now);
      if (outcome.ok) await repositories.changes.publish({ kind: 'policy', id: 'reach' });
      return outcome;
    });
    if (changed.ok) await keeper.reachChanged();
    return changed;
  }
}

async function note(
  { audit }: Repositories,
  entry: {
    readonly actor: Actor;
    readonly action: string;
    readonly forward: PortForwardRecord;
    readonly client: string;
    readonly now: number;
  },
): Promise<void> {
  const { actor, action, forward, client, now } = entry;
  const { enabled, protocol, publicPort, clientPort, sources } = forward;
  await audit.insert({
    actor,
    action,
    targetKind: 'portForward',
    target: forward.uuid,
    detail: { enabled, protocol, publicPort, client, clientPort, sources },
    now,
  });
}

function notFound(uuid: string): { readonly ok: false; readonly error: PolicyFailure } {
  return fail({ code: 'PORT_FORWARD_NOT_FOUND', message: `there is no port forward ${uuid}` });
}

function taken({ protocol, publicPort }: Pick<PortForwardDraft, 'protocol' | 'publicPort'>): {
  readonly ok: false;
  readonly error: PolicyFailure;
} {
  const message = `${protocol === 6 ? 'TCP' : 'UDP'} port ${publicPort} leads to a client already`;
  return fail({ code: 'PORT_FORWARD_TAKEN', message });
}
