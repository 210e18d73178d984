import type {
  FirewallChain,
  ForwardFilter,
  Host,
  HostCapabilities,
  HostFacts,
  HostNetwork,
  HostNetworkOptions,
} from '../host.js';
import { emptyPlan, type HostPlan } from '../plan.js';
import { failed, succeeded, type HostError, type HostResult } from '../result.js';
import { FakeHostNetwork } from './network.js';

/** A host in memory: tests set what it answers and look at what was asked of it. */
export class FakeHost implements Host {
  /** What `capabilities` answers. */
  can: HostCapabilities = { netAdmin: true, tun: true, ipv6: true, missing: [] };
  /** What `facts` answers. */
  network: HostFacts = oneUplink;
  /** What `forwardFilters` answers. */
  filters: readonly ForwardFilter[] = [];
  /** What `firewall` answers. */
  chains: readonly FirewallChain[] = [];
  /** What `readSysctl` answers; applied plans do not change it. */
  readonly sysctls = new Map<string, string>();
  /** Addresses given to `forgetFlows`. */
  readonly forgotten: string[] = [];
  /** What `forgetFlows` fails with; null: it works. */
  forgetFailure: HostError | null = null;
  /** Open owners by journal path. */
  readonly #open = new Map<string, FakeHostNetwork>();
  /** What crashed owners left behind, by journal path. */
  readonly #leftovers = new Map<string, HostPlan>();
  readonly #failures: HostError[] = [];

  async capabilities(): Promise<HostCapabilities> {
    return this.can;
  }

  async facts(): Promise<HostResult<HostFacts>> {
    return succeeded(this.network);
  }

  async forwardFilters(): Promise<HostResult<readonly ForwardFilter[]>> {
    return succeeded(this.filters);
  }

  async firewall(): Promise<HostResult<readonly FirewallChain[]>> {
    return succeeded(this.chains);
  }

  async readSysctl(key: string): Promise<string | null> {
    return this.sysctls.get(key) ?? null;
  }

  async forgetFlows(address: string): Promise<HostResult<void>> {
    if (this.forgetFailure !== null) return { ok: false, error: this.forgetFailure };
    this.forgotten.push(address);
    return succeeded(undefined);
  }

  async openNetwork({ journalPath }: HostNetworkOptions): Promise<HostResult<HostNetwork>> {
    const failure = this.#failures.shift();
    if (failure !== undefined) return { ok: false, error: failure };
    if (this.#open.has(journalPath)) {
      return failed('HOST_BUSY', `this process already owns the changes recorded in ${journalPath}`);
    }
    const recovered = this.#leftovers.delete(journalPath) ? ['removed what a crash left'] : [];
    const network = new FakeHostNetwork(recovered, () => this.#open.delete(journalPath));
    this.#open.set(journalPath, network);
    return succeeded(network);
  }

  /** The next `openNetwork` fails with this. */
  failNextOpen(error: HostError): void {
    this.#failures.push(error);
  }

  /** The open owner with this journal, or the only one. */
  owner(journalPath?: string): FakeHostNetwork {
    const owner = journalPath === undefined ? [...this.#open.values()].at(0) : this.#open.get(journalPath);
    if (owner === undefined) throw new Error('nobody owns changes of this host');
    return owner;
  }

  /** Whether nothing is changed, by living or dead owners. */
  get isClean(): boolean {
    const plans = [...[...this.#open.values()].map(({ plan }) => plan), ...this.#leftovers.values()];
    return plans.every(
      ({ link, routes, rules, nft, sysctls }) =>
        link === null && nft === null && routes.length + rules.length + sysctls.length === 0,
    );
  }

  /** Every owner dies without cleaning up; the next one with the same journal recovers. */
  crash(): void {
    for (const [journalPath, network] of this.#open) {
      if (network.plan !== emptyPlan) this.#leftovers.set(journalPath, network.plan);
      network.closed = true;
    }
    this.#open.clear();
  }
}

/** A machine with one interface to the Internet, by documentation addresses. */
const oneUplink: HostFacts = {
  interfaces: [
    {
      name: 'lo',
      index: 1,
      up: true,
      loopback: true,
      mtu: 65_536,
      addresses: [
        { family: 4, address: '127.0.0.1', prefixLength: 8, scope: 'host', dynamic: false },
        { family: 6, address: '::1', prefixLength: 128, scope: 'host', dynamic: false },
      ],
    },
    {
      name: 'eth0',
      index: 2,
      up: true,
      loopback: false,
      mtu: 1500,
      addresses: [
        { family: 4, address: '192.0.2.10', prefixLength: 24, scope: 'global', dynamic: false },
        { family: 6, address: '2001:db8::10', prefixLength: 64, scope: 'global', dynamic: false },
      ],
    },
  ],
  routes: [
    { family: 4, prefix: '0.0.0.0/0', interface: 'eth0', gateway: '192.0.2.1', metric: 0, protocol: 'boot' },
    { family: 4, prefix: '192.0.2.0/24', interface: 'eth0', gateway: null, metric: 0, protocol: 'kernel' },
    { family: 6, prefix: '2001:db8::/64', interface: 'eth0', gateway: null, metric: 256, protocol: 'kernel' },
    { family: 6, prefix: '::/0', interface: 'eth0', gateway: '2001:db8::1', metric: 1024, protocol: 'boot' },
  ],
  defaultRoutes: [
    {
      family: 4,
      interface: 'eth0',
      gateway: '192.0.2.1',
      source: '192.0.2.10',
      fromRouterAdvertisement: false,
    },
    {
      family: 6,
      interface: 'eth0',
      gateway: '2001:db8::1',
      source: '2001:db8::10',
      fromRouterAdvertisement: false,
    },
  ],
};
