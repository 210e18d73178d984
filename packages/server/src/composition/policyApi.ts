import { formatAddress, formatPrefix, parsePrefix, prefixesOverlap, type Prefix } from '@masque-vpn/protocol';
import type { Host } from '@masque-vpn/host';
import type { Pools } from '../addressing/pools.js';
import { FlowModels } from '../api/flowModels.js';
import { GroupAdministration } from '../api/groupAdministration.js';
import { ReachAdministration } from '../api/reachAdministration.js';
import { RuleAdministration } from '../api/ruleAdministration.js';
import { UsageAdministration } from '../api/usageAdministration.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { ServerConfig } from '../config/config.js';
import { ClientPrefixes } from '../policy/clientPrefixes.js';
import { Explainer } from '../policy/explain.js';
import { Groups } from '../policy/groups.js';
import { LockOut } from '../policy/lockOut.js';
import { PortForwards } from '../policy/portForwards.js';
import { Rehearser } from '../policy/rehearsal.js';
import { portUser } from '../policy/reservedPorts.js';
import type { Slugs } from '../policy/ruleDraft.js';
import { Rules } from '../policy/rules.js';
import type { Clock } from '../process/clock.js';
import { addressesOf as clientAddresses } from '../sessions/hostReach.js';
import { behindNow, openOf } from '../sessions/livePolicy.js';
import type { Store } from '../store/store.js';
import { administratorsClients } from './administratorsClients.js';
import type { Domain } from './domain.js';

export interface PolicyApiParts {
  readonly config: ServerConfig;
  readonly domain: Pick<Domain, 'policy' | 'sessions' | 'usage'>;
  readonly directory: ClientDirectory;
  readonly store: Store;
  readonly pools: Pools;
  readonly host: Pick<Host, 'facts'>;
  readonly udpAddress: string;
  readonly clock: Clock;
}

/** Everything the API does about policy. */
export interface PolicyApi {
  readonly groups: GroupAdministration;
  readonly rules: RuleAdministration;
  readonly reach: ReachAdministration;
  readonly flows: FlowModels;
  readonly usage: UsageAdministration;
}

export function composePolicyApi(parts: PolicyApiParts): PolicyApi {
  const { config, domain, directory, store, pools, clock } = parts;
  const { book, keeper, names, accessControl, flows } = domain.policy;
  const { table } = domain.sessions;
  const slugs: Slugs = {
    group: (slug) => book.findGroup(slug)?.uuid ?? null,
    client: (slug) => directory.findBySlug(slug)?.uuid ?? null,
  };
  const addressesOf = (name: string): readonly string[] => names.addressesOf(name);
  const holderAt = (address: string): string | null => table.holderOf(address)?.client.uuid ?? null;
  const explainer = new Explainer({
    book,
    addressesOf,
    routesOf: (clientUuid) => accessControl.routesOf(clientUuid),
    addressesOfClient: (clientUuid) =>
      openOf(table.ofClient(clientUuid)).flatMap(({ phase }) => phase.leases.map(({ address }) => address)),
    holderOf: (address) => holderAt(formatAddress(address)) ?? pools.keptFor(address),
    pools: pools.prefixes,
    gateways: ([4, 6] as const).flatMap((family) => pools.gateway(family) ?? []),
    hostAccess: config.network.hostAccess,
  });
  const flowModels = new FlowModels({ flows, book, directory });
  const shared = { store, slugs, keeper, clock };
  return {
    groups: new GroupAdministration({
      groups: new Groups({ store, directory, keeper, clock }),
      book,
      directory,
    }),
    rules: new RuleAdministration({
      rules: new Rules(shared),
      book,
      names,
      directory,
      slugs,
      explainer,
      rehearser: new Rehearser({ book, flows, explainer }),
      lockOut: new LockOut({
        book,
        addressesOf,
        partyOf: (clientUuid) => explainer.partyOf(clientUuid),
        administratorsClients: () => administratorsClients(store, directory),
      }),
      flowModels,
      clientAt: holderAt,
    }),
    reach: new ReachAdministration({
      forwards: new PortForwards({ ...shared, usedBy: portUser(ownPorts(parts)) }),
      prefixes: new ClientPrefixes({
        ...shared,
        pools: pools.prefixes,
        hostNetworks: () => hostNetworks(parts),
      }),
      book,
      directory,
      addressesOf: (clientUuid) => clientAddresses(table, clientUuid),
      behindNow: () => behindNow(table, book),
    }),
    flows: flowModels,
    usage: new UsageAdministration({
      repository: store.usage,
      usage: domain.usage,
      directory,
      accessControl,
      server: {
        maxSessions: config.sessions.perClient,
        routes: config.routes.advertise.map(formatPrefix),
      },
      clock,
    }),
  };
}

/** What this server listens on itself. */
function ownPorts({ config, udpAddress }: PolicyApiParts): Parameters<typeof portUser>[0] {
  const tunnel = Number(udpAddress.slice(udpAddress.lastIndexOf(':') + 1));
  return [
    { protocol: 17, port: tunnel, user: 'tunnels of this server' },
    { protocol: 6, port: tunnel, user: 'enrolment at this server' },
    { protocol: 6, port: config.api.listen.port, user: 'the administration of this server' },
  ];
}

/** Networks that this host is in or routes to otherwise; not the default route, and nothing of the tunnel. */
async function hostNetworks({ host, config, pools }: PolicyApiParts): Promise<readonly Prefix[]> {
  const facts = await host.facts();
  if (!facts.ok) return [];
  return facts.value.routes.flatMap((route) => {
    if (route.interface === config.tunnel.name) return [];
    const prefix = parsePrefix(route.prefix);
    if (!prefix.ok || prefix.value.length === 0) return [];
    return pools.prefixes.some((pool) => prefixesOverlap(pool, prefix.value)) ? [] : [prefix.value];
  });
}
