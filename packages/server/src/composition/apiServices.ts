import type { Logger } from 'pino';
import type { Pools } from '../addressing/pools.js';
import { ClientAdministration } from '../api/clientAdministration.js';
import type { HealthModel, SessionModel, StatusModel } from '../api/models.js';
import type { ApiServices } from '../api/services.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { ServerConfig } from '../config/config.js';
import { Scraper } from '../metrics/scrape.js';
import type { CertificateAuthority } from '../pki/authority.js';
import type { Clock } from '../process/clock.js';
import type { NetworkKeeper } from '../process/networkKeeper.js';
import type { Store } from '../store/store.js';
import { formatAddress } from '@masque-vpn/protocol';
import type { Domain } from './domain.js';
import { tunnelUrl, type ServerNames } from './names.js';

/** A rendering per this time at most; scrapes that come sooner share one. */
const scrapeIntervalMs = 100;

export interface ApiParts {
  readonly config: ServerConfig;
  readonly version: string;
  readonly domain: Domain;
  readonly directory: ClientDirectory;
  readonly authority: CertificateAuthority;
  readonly store: Store;
  readonly pools: Pools;
  readonly network: NetworkKeeper;
  readonly names: ServerNames;
  readonly udpAddress: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the API shows of the composed server. */
export function apiServices(parts: ApiParts): ApiServices {
  const { config, domain, directory, authority, store, names, udpAddress, clock } = parts;
  const scrapes = new Scraper(domain.metrics, clock, scrapeIntervalMs);
  const startedAtMs = Math.trunc(clock.now());
  const startedMonotonic = clock.monotonic();
  const clients = new ClientAdministration({
    clients: domain.clients,
    directory,
    sessions: domain.sessions.table,
    leases: store.leases,
    endpoint: (host) => ({
      caPem: authority.certificatePem,
      url: tunnelUrl(host ?? names.publicHost, udpAddress, config.server.path),
      addressHints: names.addresses,
    }),
  });
  return {
    clients,
    sessions: () => sessionModels(domain),
    status: () => ({
      ...statusOf(parts),
      startedAtMs,
      uptimeSeconds: (clock.monotonic() - startedMonotonic) / 1000,
    }),
    health: () => healthOf(parts),
    scrape: (encoding, scraper) => scrapes.scrape(encoding, scraper),
  };
}

function statusOf(parts: ApiParts): Omit<StatusModel, 'startedAtMs' | 'uptimeSeconds'> {
  const { config, version, domain, directory, authority, store, pools, network, udpAddress, clock } = parts;
  const { state } = network;
  pools.expire(Math.trunc(clock.now()));
  const { ipv4, ipv6 } = pools.usage();
  return {
    version,
    udpAddress,
    caSha256: authority.sha256,
    tun: {
      active: state.active,
      name: config.tunnel.name,
      mtu: config.tunnel.mtu,
      problem: state.active ? null : { code: state.problem.code, message: state.problem.message },
      warnings: state.active ? [...state.network.warnings] : [],
    },
    store: { available: store.available },
    clients: directory.counts(),
    sessions: { open: domain.metrics.activeConnections, total: domain.metrics.totalConnections },
    pool: {
      ipv4: { total: ipv4.total, used: ipv4.used, available: ipv4.available },
      ipv6: { used: ipv6.used },
    },
  };
}

function healthOf({ network, store }: ApiParts): HealthModel {
  const problems = [
    ...(network.state.active ? [] : [network.state.problem.code]),
    ...(store.available ? [] : ['STORE_UNAVAILABLE']),
  ];
  return { status: problems.length === 0 ? 'ok' : 'degraded', problems };
}

function sessionModels({ sessions, metrics }: Domain): readonly SessionModel[] {
  metrics.read();
  return sessions.table.placed().flatMap((session) => {
    const { phase } = session;
    if (phase.name !== 'open') return [];
    const { bytesSent, bytesReceived, packetsSent, packetsReceived } = metrics.trafficOf(session.id);
    return [
      {
        id: session.uuid,
        clientId: session.client.slug,
        remoteAddress: session.remoteAddress,
        addresses: phase.leases.map(({ address }) => formatAddress(address)),
        startedAtMs: session.startedAtMs,
        bytesSent,
        bytesReceived,
        packetsSent,
        packetsReceived,
        tunnelMtu: session.tunnelMtu,
      },
    ];
  });
}
