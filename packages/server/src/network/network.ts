import type { Engine, TunInfo } from '@masque-vpn/engine';
import { noForwarding, planForwarding, type Forwarding, type Host, type HostNetwork } from '@masque-vpn/host';
import type { Logger } from 'pino';

import type { NetworkResult } from './error.js';
import { hostWarnings } from './hostWarnings.js';
import { poolConflict } from './poolConflict.js';
import { noReach, type HostReach } from './reach.js';
import { poolFamilies, serverPlan, type PoolFamily } from './serverPlan.js';
import type { ServerNetworkSettings } from './settings.js';
import { tunError } from './tunError.js';

export type { NetworkError, NetworkResult } from './error.js';
export type { HostForward, HostReach } from './reach.js';
export type { ServerNetworkSettings } from './settings.js';

/** The TUN interface and everything around it; disposing is `close`. */
export interface ServerNetwork extends AsyncDisposable {
  readonly tun: TunInfo;
  /** What works but not as the configuration may lead one to expect, for `/api/v1/status` and the log. */
  readonly warnings: readonly string[];
  /**
   * Looks at the host again and repairs what is missing: an interface that came later gets forwarding,
   * a flushed table comes back. Cheap when nothing changed.
   */
  refresh(): Promise<NetworkResult<void>>;
  /**
   * Brings routes and filters to how clients are reached now, without looking at the host again. Codes: those of
   * `HostNetwork.apply`; then the reach before is in place, and `refresh` tries again.
   */
  setReach(reach: HostReach): Promise<NetworkResult<void>>;
  /** Forgets the tracked flows of a released client address (CIP-1306), as far as the host can. */
  releaseAddress(address: string): Promise<void>;
  /** Undoes all changes and closes the TUN. Idempotent. What could not be undone is an error and stays in the journal. */
  close(): Promise<NetworkResult<void>>;
}

export interface ServerNetworkOptions {
  readonly settings: ServerNetworkSettings;
  readonly engine: Pick<Engine, 'openTun' | 'closeTun'>;
  readonly host: Host;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Undoes what a crash left, opens the TUN, and applies addresses, filters and forwarding as one: after a failure
 * nothing is left of it. Codes: NETWORK_POOL_CONFLICT, TUN_*, and those of `Host.openNetwork` and `HostNetwork.apply`.
 */
export async function openServerNetwork(
  options: ServerNetworkOptions,
): Promise<NetworkResult<ServerNetwork>> {
  const { settings, engine, host, logger } = options;
  const changes = settings.manage ? await host.openNetwork({ journalPath: settings.journalPath }) : null;
  if (changes?.ok === false) return changes;
  const owned = changes?.value ?? null;
  for (const line of owned?.recovered ?? [])
    logger.warn({ recovered: line }, 'undid what a crash left behind');

  const tun = engine.openTun({ ...settings.tun, backpressure: false });
  if (!tun.ok) {
    await owned?.[Symbol.asyncDispose]();
    return { ok: false, error: tunError(tun.error, await host.capabilities()) };
  }
  const network = new OwnedServerNetwork(options, tun.value, owned);
  const applied = await network.refresh();
  if (applied.ok) return { ok: true, value: network };
  await network.close();
  return applied;
}

class OwnedServerNetwork implements ServerNetwork {
  readonly tun: TunInfo;
  readonly #options: ServerNetworkOptions;
  /** Null when somebody else manages the host. */
  readonly #changes: HostNetwork | null;
  #hostWarnings: readonly string[] = [];
  #flowWarning: string | null = null;
  #forwarding: Forwarding = noForwarding;
  #families: readonly PoolFamily[] = [];
  #reach: HostReach = noReach;
  #releases: Promise<void> = Promise.resolve();
  #closing: Promise<NetworkResult<void>> | null = null;

  constructor(options: ServerNetworkOptions, tun: TunInfo, changes: HostNetwork | null) {
    this.#options = options;
    this.tun = tun;
    this.#changes = changes;
  }

  get warnings(): readonly string[] {
    return this.#flowWarning === null ? this.#hostWarnings : [...this.#hostWarnings, this.#flowWarning];
  }

  async refresh(): Promise<NetworkResult<void>> {
    if (this.#changes === null) return { ok: true, value: undefined };
    const { settings, host } = this.#options;
    const { name } = settings.tun;
    const [can, facts, filters] = await Promise.all([
      host.capabilities(),
      host.facts(),
      host.forwardFilters(),
    ]);
    if (!facts.ok) return facts;
    if (!filters.ok) return filters;
    const conflict = poolConflict(settings.pools, facts.value, name);
    if (conflict !== null) return { ok: false, error: { code: 'NETWORK_POOL_CONFLICT', message: conflict } };

    const families = poolFamilies(settings, can.ipv6);
    const numbers = families.map(({ family }) => family);
    const forwarding = await planForwarding(host, facts.value, name, numbers, this.#forwarding);
    const applied = await this.#changes.apply(serverPlan(settings, families, forwarding, this.#reach));
    if (!applied.ok) return applied;
    this.#forwarding = forwarding;
    this.#families = families;
    this.#hostWarnings = [
      ...(settings.gateways.ipv6 === null || can.ipv6
        ? []
        : ['this kernel has no IPv6: clients get IPv4 only']),
      ...hostWarnings(facts.value, filters.value, name, numbers),
    ];
    return applied;
  }

  async setReach(reach: HostReach): Promise<NetworkResult<void>> {
    this.#reach = reach;
    if (this.#changes === null) return { ok: true, value: undefined };
    const { settings } = this.#options;
    return this.#changes.apply(serverPlan(settings, this.#families, this.#forwarding, reach));
  }

  /** One after the other: every call walks the whole table of flows. */
  releaseAddress(address: string): Promise<void> {
    if (this.#changes === null) return Promise.resolve();
    this.#releases = this.#releases.then(() => this.#forgetFlows(address));
    return this.#releases;
  }

  close(): Promise<NetworkResult<void>> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<NetworkResult<void>> {
    const removed = (await this.#changes?.remove()) ?? { ok: true, value: undefined };
    await this.#changes?.[Symbol.asyncDispose]();
    this.#options.engine.closeTun();
    return removed;
  }

  async #forgetFlows(address: string): Promise<void> {
    const { host, logger } = this.#options;
    const forgotten = await host.forgetFlows(address);
    if (forgotten.ok) return;
    if (forgotten.error.code !== 'HOST_TOOL_MISSING') {
      logger.warn(
        { reason: forgotten.error.code, detail: forgotten.error.message, address },
        'tracked flows stay',
      );
      return;
    }
    if (this.#flowWarning !== null) return;
    this.#flowWarning =
      'tracked flows of a released address end by timeout only; to end them at once: apt-get install conntrack';
    logger.warn({ reason: forgotten.error.code }, this.#flowWarning);
  }
}
