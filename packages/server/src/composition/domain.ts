import type { Engine, EngineEvent } from '@masque-vpn/engine';
import { prefixRange, type PathTemplate } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Pools } from '../addressing/pools.js';
import { Admission } from '../admission/admission.js';
import type { ResolveName } from '../admission/nameResolution.js';
import { Clients } from '../clients/clients.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { ServerConfig } from '../config/config.js';
import { Metrics } from '../metrics/metrics.js';
import type { Registry } from '../metrics/registry.js';
import type { CertificateAuthority } from '../pki/authority.js';
import type { ServerCertificate } from '../pki/serverCertificate.js';
import type { Clock } from '../process/clock.js';
import type { NetworkKeeper } from '../process/networkKeeper.js';
import { HistoryRecorder } from '../sessions/historyRecorder.js';
import { observers } from '../sessions/observer.js';
import { Places } from '../sessions/places.js';
import { Requests } from '../sessions/requests.js';
import { Sessions } from '../sessions/sessions.js';
import { Tunnels } from '../sessions/tunnels.js';
import type { Store } from '../store/store.js';
import { metricGauges } from './metricGauges.js';
import type { ServerNames } from './names.js';

/** What the domain is made of; each was opened before. */
export interface DomainParts {
  readonly config: ServerConfig;
  readonly path: PathTemplate;
  readonly names: ServerNames;
  readonly engine: Engine;
  readonly store: Store;
  readonly directory: ClientDirectory;
  readonly authority: CertificateAuthority;
  readonly certificate: Pick<ServerCertificate, 'notAfter'>;
  readonly registry: Registry;
  readonly pools: Pools;
  readonly network: NetworkKeeper;
  readonly resolveName: ResolveName;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Everything that decides. */
export interface Domain {
  readonly metrics: Metrics;
  readonly history: HistoryRecorder;
  readonly sessions: Sessions;
  readonly clients: Clients;
}

/** Puts the parts together. */
export function composeDomain(parts: DomainParts): Domain {
  const { config, engine, store, directory, authority, pools, network, clock, logger } = parts;
  const tunActive = (): boolean => network.state.active;
  const metrics = new Metrics({
    ...config.metrics,
    registry: parts.registry,
    engine,
    clock,
    gauges: metricGauges({ ...parts, tunActive }),
  });
  metrics.serverCertificateUsed(parts.certificate.notAfter);
  const history = new HistoryRecorder(store.sessionHistory, logger, () => metrics.error('connection'));
  const places = new Places({
    pools,
    clock,
    onAddressReleased: (address) => network.releaseAddress(address),
  });
  const tunnels = new Tunnels({ engine, pools, metrics, logger });
  const admission = new Admission({
    // Who verified the certificate for the host of the template (CIP-102) names one of these.
    policy: { paths: [parts.path], hosts: parts.names.certificate },
    directory,
    quota: config.sessions,
    tunActive,
  });
  const scopes = {
    advertised: config.routes.advertise.map((prefix) => ({ range: prefixRange(prefix), protocol: 0 })),
    families: pools.families,
    resolve: parts.resolveName,
  };
  const observer = observers([]);
  const shared = { engine, tunnels, places, metrics, history, observer, clock, logger };
  const requests = new Requests({ ...shared, admission, scopes, pools });
  const sessions = new Sessions({ ...shared, requests });
  const clients = new Clients({
    store,
    directory,
    authority,
    clock,
    logger,
    endSessions: (clientUuid, cause) => {
      const open = sessions.table.ofClient(clientUuid);
      sessions.endAccess(open, cause, clock.now());
      return open.length;
    },
  });
  return { metrics, history, sessions, clients };
}

/** Hands the engine's events, in order, to those they concern. An event that trips a bug does not cost the next. */
export function dispatch(
  events: readonly EngineEvent[],
  domain: Domain,
  network: NetworkKeeper,
  logger: Logger,
): void {
  for (const event of events) {
    try {
      dispatchOne(event, domain.sessions, network);
    } catch (error) {
      logger.error({ err: error, event: event.type }, 'an event of the engine was not handled');
    }
  }
}

function dispatchOne(event: EngineEvent, sessions: Sessions, network: NetworkKeeper): void {
  switch (event.type) {
    case 'request':
      return sessions.requested(event);
    case 'capsules':
      return sessions.received(event);
    case 'mtuChanged':
      return sessions.mtuChanged(event);
    case 'pathChanged':
      return sessions.pathChanged(event);
    case 'sessionClosed':
      return sessions.closed(event);
    case 'connectionClosed':
      return sessions.connectionClosed(event);
    case 'tunLost':
      return void network.lost(event.error.message);
    case 'flows':
      // Nobody listens yet.
      return undefined;
    case 'connected':
    case 'response':
      // Of the client's role.
      return undefined;
  }
}
