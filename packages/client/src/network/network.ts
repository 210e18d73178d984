import type { Host, HostNetwork, HostResult } from '@masque-vpn/host';

import { tunnelPlan, type AppliedNetwork, type TunnelInterface, type TunnelNetwork } from './tunnelPlan.js';

export { clientMark } from './tunnelPlan.js';
export type { AppliedNetwork, TunnelNetwork } from './tunnelPlan.js';

/** The client's changes of the host. Disposing removes them and releases the journal. */
export interface ClientNetwork extends AsyncDisposable {
  /** What a crashed predecessor left and this one undid; empty after an orderly end. */
  readonly recovered: readonly string[];
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
  return { ok: true, value: new OwnedNetwork(opened.value, { name: interfaceName, ipv6 }) };
}

class OwnedNetwork implements ClientNetwork {
  readonly #changes: HostNetwork;
  readonly #interface: TunnelInterface;

  constructor(changes: HostNetwork, tunnelInterface: TunnelInterface) {
    this.#changes = changes;
    this.#interface = tunnelInterface;
  }

  get recovered(): readonly string[] {
    return this.#changes.recovered;
  }

  async apply(tunnel: TunnelNetwork): Promise<HostResult<AppliedNetwork>> {
    const { plan, applied } = tunnelPlan(this.#interface, tunnel);
    const result = await this.#changes.apply(plan);
    if (result.ok) return { ok: true, value: applied };
    if (result.error.code !== 'HOST_TOOL_MISSING' || plan.nft === null) return result;
    // A tunnel without the filter is worth more than none; without `ip` the second attempt fails as well.
    const unfiltered = await this.#changes.apply({ ...plan, nft: null });
    if (!unfiltered.ok) return unfiltered;
    const warning =
      'without nftables, neighbours on other interfaces can probe the tunnel address (apt-get install nftables)';
    return { ok: true, value: { ...applied, warnings: [...applied.warnings, warning] } };
  }

  clear(): Promise<HostResult<void>> {
    return this.#changes.remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#changes[Symbol.asyncDispose]();
  }
}
