import {
  fail,
  formatPrefix,
  isAssignable,
  lastAddress,
  ok,
  parsePrefix,
  prefixesOverlap,
  type Prefix,
  type Result,
} from '@masque-vpn/protocol';
import type { Actor } from '../audit/actor.js';
import type { Clock } from '../process/clock.js';
import { attempt } from '../store/attempt.js';
import type { ClientPrefixRecord } from '../store/reach.js';
import type { Repositories } from '../store/repositories.js';
import type { Store } from '../store/store.js';
import { clientMissing, type PolicyFailure } from './failure.js';
import type { PolicyKeeper } from './keeper.js';
import type { Slugs } from './ruleDraft.js';

export interface ClientPrefixesOptions {
  readonly store: Pick<Store, 'atomically'>;
  readonly slugs: Slugs;
  readonly keeper: Pick<PolicyKeeper, 'reachChanged'>;
  /** Prefixes that clients' own addresses come from. */
  readonly pools: readonly Prefix[];
  /** Networks that this host is in or routes to, the default route excepted. */
  readonly hostNetworks: () => Promise<readonly Prefix[]>;
  readonly clock: Clock;
}

/** Shorter ones would take over more than any site has: the half of all addresses, a default route in disguise. */
const shortest = { 4: 8, 6: 16 } as const;

/**
 * Grants and takes away networks behind clients (site to site): first in the store, with the audit entry, then in
 * memory, in the engine and on the host. Every method throws `StoreError`.
 */
export class ClientPrefixes {
  readonly #options: ClientPrefixesOptions;

  constructor(options: ClientPrefixesOptions) {
    this.#options = options;
  }

  /**
   * Codes: CLIENT_NOT_FOUND, PREFIX_NOT_ROUTABLE, PREFIX_OVERLAPS_POOL, PREFIX_OVERLAPS_HOST, PREFIX_OVERLAPS_CLIENT.
   */
  async grant(
    clientSlug: string,
    text: string,
    actor: Actor,
  ): Promise<Result<ClientPrefixRecord, PolicyFailure>> {
    const { store, slugs, keeper, clock } = this.#options;
    const clientUuid = slugs.client(clientSlug);
    if (clientUuid === null) return clientMissing(clientSlug);
    const prefix = await this.#routable(text);
    if (!prefix.ok) return prefix;
    const canonical = formatPrefix(prefix.value);
    const now = Math.trunc(clock.now());
    const granted = await attempt<ClientPrefixRecord, PolicyFailure>(store, async (repositories) => {
      // Others who grant at the same time wait for this one: two grants must not overlap unseen.
      await repositories.rules.hold();
      const rival = (await repositories.reach.listPrefixes()).find((known) => overlaps(known, prefix.value));
      if (rival !== undefined) return ofOther(canonical, rival);
      const record = await repositories.reach.insertPrefix({ clientUuid, prefix: canonical, now });
      if (record === null) return ofOther(canonical, { prefix: canonical });
      const detail = { prefix: canonical };
      await note(repositories, { actor, action: 'client.prefix.grant', target: clientSlug, detail, now });
      return ok(record);
    });
    if (granted.ok) await keeper.reachChanged();
    return granted;
  }

  /** Codes: CLIENT_NOT_FOUND, PREFIX_NOT_FOUND. */
  async remove(clientSlug: string, uuid: string, actor: Actor): Promise<Result<void, PolicyFailure>> {
    const { store, slugs, keeper, clock } = this.#options;
    const clientUuid = slugs.client(clientSlug);
    if (clientUuid === null) return clientMissing(clientSlug);
    const now = Math.trunc(clock.now());
    const removed = await attempt(store, async (repositories): Promise<Result<void, PolicyFailure>> => {
      const known = (await repositories.reach.listPrefixes()).find((candidate) => candidate.uuid === uuid);
      if (known?.clientUuid !== clientUuid) {
        return fail({ code: 'PREFIX_NOT_FOUND', message: `${clientSlug} has no prefix ${uuid}` });
      }
      await repositories.reach.deletePrefix(uuid);
      const detail = { prefix: known.prefix };
      await note(repositories, { actor, action: 'client.prefix.remove', target: clientSlug, detail, now });
      return ok(undefined);
    });
    if (removed.ok) await keeper.reachChanged();
    return removed;
  }

  async #routable(text: string): Promise<Result<Prefix, PolicyFailure>> {
    const parsed = parsePrefix(text);
    if (!parsed.ok) return fail({ code: 'PREFIX_NOT_ROUTABLE', message: parsed.error.message });
    const prefix = parsed.value;
    if (prefix.length < shortest[prefix.address.family]) {
      return fail({ code: 'PREFIX_NOT_ROUTABLE', message: `${text} is too much for one site` });
    }
    // An IPv6 prefix may begin with its subnet-router anycast address, and an IPv4 one end with broadcast.
    if (!isAssignable(prefix.address) || !isAssignable(lastAddress(prefix))) {
      const message = `${text} holds addresses that are never forwarded`;
      return fail({ code: 'PREFIX_NOT_ROUTABLE', message });
    }
    const pool = this.#options.pools.find((candidate) => prefixesOverlap(candidate, prefix));
    if (pool !== undefined) {
      const message = `${text} overlaps the pool ${formatPrefix(pool)}`;
      return fail({ code: 'PREFIX_OVERLAPS_POOL', message });
    }
    const network = (await this.#options.hostNetworks()).find((candidate) =>
      prefixesOverlap(candidate, prefix),
    );
    if (network === undefined) return ok(prefix);
    const message = `${text} overlaps ${formatPrefix(network)}, which this server reaches otherwise`;
    return fail({ code: 'PREFIX_OVERLAPS_HOST', message });
  }
}

function overlaps(known: ClientPrefixRecord, prefix: Prefix): boolean {
  const parsed = parsePrefix(known.prefix);
  return parsed.ok && prefixesOverlap(parsed.value, prefix);
}

function ofOther(
  text: string,
  rival: Pick<ClientPrefixRecord, 'prefix'>,
): { readonly ok: false; readonly error: PolicyFailure } {
  const message = `${text} overlaps ${rival.prefix}, which is behind a client already`;
  return fail({ code: 'PREFIX_OVERLAPS_CLIENT', message });
}

async function note(
  { audit, changes }: Repositories,
  entry: {
    readonly actor: Actor;
    readonly action: string;
    readonly target: string;
    readonly detail: { readonly prefix: string };
    readonly now: number;
  },
): Promise<void> {
  await audit.insert({ ...entry, targetKind: 'client' });
  await changes.publish({ kind: 'policy', id: 'reach' });
}
