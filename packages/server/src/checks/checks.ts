import type { FirewallChain, Host, HostError, HostFacts } from '@masque-vpn/host';
import { fail, formatAddress, ok, parseAddress, type Result } from '@masque-vpn/protocol';
import type { ResolveName } from '../admission/nameResolution.js';
import type { Metrics } from '../metrics/metrics.js';
import { poolFamilies } from '../network/serverPlan.js';
import type { ServerNetworkSettings } from '../network/settings.js';
import type { NetworkState } from '../process/networkKeeper.js';
import type { Arrivals } from './arrivals.js';
import type { Check } from './check.js';
import { checkForwarding, type FamilyForwarding, type ForwardingFacts } from './forwarding.js';
import { checkNat, translatedFamilies } from './nat.js';
import { passageOf, type PacketFacts } from './passage.js';
import { checkUdpPort, type UdpPortFacts } from './udpPort.js';

export interface ChecksOptions {
  readonly host: Pick<Host, 'capabilities' | 'facts' | 'firewall' | 'readSysctl'>;
  readonly network: { readonly state: NetworkState };
  readonly settings: ServerNetworkSettings;
  readonly metrics: Pick<Metrics, 'read' | 'totalTraffic'>;
  readonly arrivals: Pick<Arrivals, 'fromAfar' | 'fromNearby'>;
  readonly resolveName: ResolveName;
  /** Address that is listened on, without port. */
  readonly listenAddress: string;
  readonly port: number;
  readonly publicHost: string;
  /** Of the TCP port; null: it is open, or not wanted. */
  readonly frontProblem: () => UdpPortFacts['frontProblem'];
  readonly startedAtMs: number;
}

/** The host as it is now. */
interface HostView {
  readonly facts: HostFacts;
  readonly chains: readonly FirewallChain[];
}

/** Looks whether clients can reach this server and get further: at the host itself, and at what has happened so far. */
export class Checks {
  readonly #options: ChecksOptions;
  #running: Promise<readonly Check[]> | null = null;

  constructor(options: ChecksOptions) {
    this.#options = options;
  }

  /** All of them; whoever asks while they run gets the same answer. */
  run(): Promise<readonly Check[]> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<readonly Check[]> {
    const { host, settings } = this.#options;
    const can = await host.capabilities();
    const families = poolFamilies(settings, can.ipv6).map(({ family }) => family);
    const [view, resolved] = await Promise.all([this.#look(), this.#resolve()]);
    const forwarding = await this.#forwarding(view, families);
    return [
      checkUdpPort(this.#udpPort(view, resolved)),
      checkForwarding(forwarding),
      checkNat({
        ...forwarding,
        wanted: settings.nat,
        families,
        pools: settings.pools,
        translated: view.ok ? translatedFamilies(view.value.chains) : [],
      }),
    ];
  }

  async #look(): Promise<Result<HostView, HostError>> {
    const [facts, chains] = await Promise.all([this.#options.host.facts(), this.#options.host.firewall()]);
    if (!facts.ok) return fail(facts.error);
    if (!chains.ok) return fail(chains.error);
    return ok({ facts: facts.value, chains: chains.value });
  }

  async #resolve(): Promise<readonly string[] | null> {
    const { publicHost, resolveName } = this.#options;
    const literal = parseAddress(publicHost);
    if (literal.ok) return [formatAddress(literal.value)];
    const resolved = await resolveName(publicHost);
    return resolved.ok && resolved.value.length > 0 ? resolved.value.map(formatAddress) : null;
  }

  #udpPort(view: Result<HostView, HostError>, resolved: readonly string[] | null): UdpPortFacts {
    const { listenAddress, port, publicHost, arrivals, settings, startedAtMs } = this.#options;
    return {
      ...{ address: listenAddress, port, publicHost, resolved, startedAtMs },
      own: view.ok ? ownAddresses(view.value.facts) : null,
      passage: view.ok ? inwards(view.value, port, settings.tun.name) : null,
      fromAfar: arrivals.fromAfar,
      fromNearby: arrivals.fromNearby,
      frontProblem: this.#options.frontProblem(),
    };
  }

  async #forwarding(
    view: Result<HostView, HostError>,
    families: readonly (4 | 6)[],
  ): Promise<ForwardingFacts> {
    const { network, settings, metrics } = this.#options;
    const { state } = network;
    metrics.read();
    const { packetsReceived: fromClients, packetsSent: toClients } = metrics.totalTraffic;
    const { name } = settings.tun;
    return {
      tun: { name, problem: state.active ? null : state.problem },
      managed: settings.manage,
      unreadable: view.ok ? null : view.error,
      docker: view.ok && view.value.chains.some((chain) => chain.name === 'DOCKER-USER'),
      packets: { fromClients, toClients },
      families: view.ok
        ? await Promise.all(families.map((family) => this.#family(view.value, family, name)))
        : [],
    };
  }

  async #family({ facts, chains }: HostView, family: 4 | 6, tun: string): Promise<FamilyForwarding> {
    const uplink = facts.defaultRoutes.find((route) => route.family === family)?.interface ?? null;
    if (uplink === null)
      return { family, uplink, off: await this.#off(family, [tun]), out: null, back: null };
    const forward = (inside: string, outside: string, state: string): ReturnType<typeof passageOf> =>
      passageOf(chains, 'forward', family, {
        'meta.iifname': inside,
        'meta.oifname': outside,
        'ct.state': state,
      });
    return {
      family,
      uplink,
      off: await this.#off(family, [tun, uplink]),
      out: forward(tun, uplink, 'new'),
      back: forward(uplink, tun, 'established'),
    };
  }

  /** Parameters that keep packets of a family from being forwarded between these interfaces. */
  async #off(family: 4 | 6, interfaces: readonly string[]): Promise<readonly string[]> {
    const { host } = this.#options;
    const isOff = async (key: string): Promise<boolean> => (await host.readSysctl(key)) === '0';
    const all = `net/ipv${family}/conf/all/forwarding`;
    const own = family === 4 ? 'forwarding' : 'force_forwarding';
    // Before Linux 6.17 IPv6 has the parameter for all interfaces only.
    const hasOwn = family === 4 || (await host.readSysctl(`net/ipv6/conf/all/${own}`)) !== null;
    if (!hasOwn) return (await isOff(all)) ? [all] : [];
    if (family === 6 && !(await isOff(all))) return [];
    const off: string[] = [];
    for (const name of interfaces) {
      const key = `net/ipv${family}/conf/${name}/${own}`;
      if (await isOff(key)) off.push(key);
    }
    return off;
  }
}

/** How a new QUIC packet from outside gets to the server, by family. */
function inwards(
  { facts, chains }: HostView,
  port: number,
  tunName: string,
): NonNullable<UdpPortFacts['passage']> {
  const outside = facts.interfaces.find(({ name, up, loopback }) => up && !loopback && name !== tunName);
  const by = (family: 4 | 6): ReturnType<typeof passageOf> => {
    const uplink = facts.defaultRoutes.find((route) => route.family === family)?.interface ?? outside?.name;
    const packet: PacketFacts = {
      'meta.l4proto': 'udp',
      'udp.dport': port,
      'ct.state': 'new',
      ...(uplink === undefined ? {} : { 'meta.iifname': uplink }),
    };
    return passageOf(chains, 'input', family, packet);
  };
  return { 4: by(4), 6: by(6) };
}

function ownAddresses({ interfaces }: HostFacts): readonly string[] {
  return interfaces
    .flatMap(({ addresses }) => addresses)
    .filter(({ scope }) => scope === 'global')
    .map(({ address }) => address);
}
