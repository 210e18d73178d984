import {
  noForwarding,
  planForwarding,
  type Forwarding,
  type Host,
  type HostNetwork,
  type HostResult,
} from '@masque-vpn/host';

import { leadsBehind, siteWarnings } from './siteForwarding.js';
import {
  clientNftTable,
  tunnelPlan,
  type AppliedNetwork,
  type TunnelInterface,
  type TunnelNetwork,
} from './tunnelPlan.js';

export { clientMark } from './tunnelPlan.js';
export type { AppliedNetwork, TunnelNetwork } from './tunnelPlan.js';

/** The client's changes of the host. Disposing removes them and releases the journal. */
export interface ClientNetwork extends AsyncDisposable {
  /** What a crashed predecessor left and this one undid; empty after an orderly end. */
  readonly recovered: readonly string[];
  /** Looks at the host already, so that the first `apply` need not; the interface exists. */
  lookAhead(): void;
  /**
   * Makes the host match; call it again for every change of addresses, routes, MTU or server address, and after the
   * interface came back. The interface exists. Fails with the codes of `HostNetwork.apply`; the state before stays.
   */
  apply(tunnel: TunnelNetwork): Promise<HostResult<AppliedNetwork>>;
  /** Leaves the host as it was; `apply` may follow (CIP-1305). */
  clear(): Promise<HostResult<void>>;
}

export interface ClientNetworkOptions {
  readonly host: Host;
  /** Name of the tunnel's interface. */
  readonly interfaceName: string;
  /** File that remembers changes while they are in place; its folder exists. */
  readonly journalPath: string;
}

/** Undoes what a crash left and starts a new set of changes. Codes: those of `Host.openNetwork`. */
export async function openClientNetwork(options: ClientNetworkOptions): Promise<HostResult<ClientNetwork>> {
  const { host, interfaceName, journalPath } = options;
  const [opened, { ipv6 }] = await Promise.all([host.openNetwork({ journalPath }), host.capabilities()]);
  if (!opened.ok) return opened;
  return { ok: true, value: new OwnedNetwork(host, opened.value, { name: interfaceName, ipv6 }) };
}

class OwnedNetwork implements ClientNetwork {
  readonly #host: Host;
  readonly #changes: HostNetwork;
  readonly #interface: TunnelInterface;
  #forwarding: Forwarding = noForwarding;

  constructor(host: Host, changes: HostNetwork, tunnelInterface: TunnelInterface) {
    this.#host = host;
    this.#changes = changes;
    this.#interface = tunnelInterface;
  }

  get recovered(): readonly string[] {
    return this.#changes.recovered;
  }

  lookAhead(): void {
    this.#changes.lookAhead({ link: this.#interface.name, nft: clientNftTable });
  }

  async apply(tunnel: TunnelNetwork): Promise<HostResult<AppliedNetwork>> {
    const site = await this.#planSite(tunnel);
    if (!site.ok) return site;
    const { forwarding, warnings } = site.value;
    const { plan, applied } = tunnelPlan(this.#interface, tunnel, forwarding);
    const outcome = { ...applied, warnings: [...applied.warnings, ...warnings] };
    const result = await this.#changes.apply(plan);
    if (result.ok) {
      this.#forwarding = forwarding;
      return { ok: true, value: outcome };
    }
    // Forwarding without the filter would open this machine to whatever the server sends.
    if (result.error.code !== 'HOST_TOOL_MISSING' || plan.nft === null || tunnel.behind.length > 0) {
      return result;
    }
    // A tunnel without the filter is worth more than none; without `ip` the second attempt fails as well.
    const unfiltered = await this.#changes.apply({ ...plan, nft: null });
    if (!unfiltered.ok) return unfiltered;
    const warning =
      'without nftables, neighbours on other interfaces can probe the tunnel address (apt-get install nftables)';
    return { ok: true, value: { ...outcome, warnings: [...outcome.warnings, warning] } };
  }

  async clear(): Promise<HostResult<void>> {
    this.#forwarding = noForwarding;
    return this.#changes.remove();
  }

  /** What it takes to forward for the networks behind this machine; nothing where there are none. */
  async #planSite({
    behind,
    assigned,
  }: TunnelNetwork): Promise<
    HostResult<{ readonly forwarding: Forwarding; readonly warnings: readonly string[] }>
  > {
    if (behind.length === 0 || assigned.length === 0) {
      return { ok: true, value: { forwarding: noForwarding, warnings: [] } };
    }
    const [facts, filters] = await Promise.all([this.#host.facts(), this.#host.forwardFilters()]);
    if (!facts.ok) return facts;
    if (!filters.ok) return filters;
    const { name, ipv6 } = this.#interface;
    const families = ([4, 6] as const).filter(
      (family) =>
        (family === 4 || ipv6) &&
        [behind, assigned].every((prefixes) =>
          prefixes.some((text) => text.includes(':') === (family === 6)),
        ),
    );
    const isWanted = leadsBehind(facts.value, behind);
    const forwarding = await planForwarding(
      this.#host,
      facts.value,
      name,
      families,
      this.#forwarding,
      isWanted,
    );
    return { ok: true, value: { forwarding, warnings: siteWarnings(behind, facts.value, filters.value) } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#changes[Symbol.asyncDispose]();
  }
}
