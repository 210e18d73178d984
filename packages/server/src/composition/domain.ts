import type { Engine, EngineEvent } from '@masque-vpn/engine';
import type { PathTemplate } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Pools } from '../addressing/pools.js';
import { Admission } from '../admission/admission.js';
import type { ResolveName } from '../admission/nameResolution.js';
import type { EnrolmentIssuer } from '../clients/clients.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { ServerConfig } from '../config/config.js';
import type { LiveFeed } from '../events/feed.js';
import { sessionEvents } from '../events/sessionEvents.js';
import { Metrics } from '../metrics/metrics.js';
import type { Registry } from '../metrics/registry.js';
import type { Authorities } from '../pki/authorities.js';
import type { ServerCredential } from '../pki/serverCredential.js';
import type { PolicyBook } from '../policy/book.js';
import type { Clock } from '../process/clock.js';
import type { NetworkKeeper } from '../process/networkKeeper.js';
import { sharedHistory } from '../servers/sharedHistory.js';
import type { RuntimeSettings } from '../settings/runtimeSettings.js';
import { HistoryRecorder } from '../sessions/historyRecorder.js';
import { observers } from '../sessions/observer.js';
import { HostReachKeeper } from '../sessions/hostReach.js';
import { LivePolicy } from '../sessions/livePolicy.js';
import { Places } from '../sessions/places.js';
import { Requests } from '../sessions/requests.js';
import { RefusalRecorder } from '../sessions/refusalRecorder.js';
import { Sessions } from '../sessions/sessions.js';
import { Tunnels } from '../sessions/tunnels.js';
import type { Store } from '../store/store.js';
import { sessionNotices } from '../webhooks/notices.js';
import type { Outbox } from '../webhooks/outbox.js';
import type { Usage } from '../usage/usage.js';
import { composeClients, type ClientCare } from './clients.js';
import { metricGauges } from './metricGauges.js';
import { composeUsage, usageObserver } from './usage.js';
import { composePolicy, recordFlows, type Policy } from './policy.js';
import type { ServerNames } from './names.js';

/** What the domain is made of; each was opened before. */
export interface DomainParts {
  readonly config: ServerConfig;
  readonly path: PathTemplate;
  readonly names: ServerNames;
  readonly engine: Engine;
  readonly store: Store;
  readonly serverId: string | null;
  readonly directory: ClientDirectory;
  readonly book: PolicyBook;
  readonly bytesOfMonth: ReadonlyMap<string, number>;
  readonly authorities: Authorities;
  readonly credential: Pick<ServerCredential, 'notAfter'>;
  readonly registry: Registry;
  readonly enrolments: EnrolmentIssuer | null;
  readonly settings: RuntimeSettings;
  readonly feed: LiveFeed;
  readonly outbox: Outbox;
  readonly lastConnected: ReadonlyMap<string, number>;
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
  readonly care: ClientCare;
  readonly policy: Policy;
  readonly usage: Usage;
}

/** Puts the parts together. */
export function composeDomain(parts: DomainParts): Domain {
  const { config, engine, store, directory, pools, network, clock, logger } = parts;
  const tunActive = (): boolean => network.state.active;
  const metrics = new Metrics({
    ...config.metrics,
    registry: parts.registry,
    engine,
    clock,
    gauges: metricGauges({ ...parts, tunActive }),
  });
  metrics.serverCertificateUsed(parts.credential.notAfter);
  const history = new HistoryRecorder({
    history: sharedHistory(store, parts.serverId),
    server: parts.serverId,
    clock,
    logger,
    onLost: () => metrics.error('connection'),
  });
  const policy = composePolicy({ ...parts, live: () => livePolicy });
  const { accessControl } = policy;
  const places = new Places({
    pools,
    accessControl,
    clock,
    onAddressReleased: (address) => network.releaseAddress(address),
  });
  const tunnels = new Tunnels({ engine, pools, metrics, logger });
  const reach = new HostReachKeeper({
    table: places.table,
    book: policy.book,
    apply: (wanted) => network.setReach(wanted),
  });
  const livePolicy = new LivePolicy({
    ...policy,
    table: places.table,
    tunnels,
    onReachChange: () => reach.follow(),
    clock,
    logger,
  });
  const admission = new Admission({
    // Who verified the certificate for the host of the template (CIP-102) names one of these.
    policy: { paths: [parts.path], hosts: parts.names.certificate },
    directory,
    quota: config.sessions,
    allowance: {
      maxSessionsOf: (clientUuid) => accessControl.limitsOf(clientUuid).maxSessions,
      isQuotaExceeded: (clientUuid) => usage.isExceeded(clientUuid),
      sessionsElsewhere: (clientUuid, instance) => care.openSessions.besideElsewhere(clientUuid, instance),
    },
    takesTokens: config.auth.clientTokens,
    tunActive,
  });
  const scopes = { families: pools.families, resolve: parts.resolveName };
  const usage = composeUsage({ ...parts, accessControl, metrics, sessions: () => sessions });
  const care = composeClients({ ...parts, policy, table: places.table, sessions: () => sessions });
  const { refused, ...notices } = sessionNotices(parts.outbox, clock);
  const refusals = new RefusalRecorder(history, (slug) => directory.findBySlug(slug), refused);
  const events = sessionEvents(parts.feed);
  const observer = observers([care.observer, events, notices, refusals, usageObserver(usage)]);
  const shared = { engine, tunnels, livePolicy, places, metrics, history, observer, clock, logger };
  const requests = new Requests({ ...shared, admission, scopes, accessControl, pools });
  const sessions = new Sessions({ ...shared, requests });
  return { metrics, history, sessions, care, policy, usage };
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
      dispatchOne(event, domain, network);
    } catch (error) {
      logger.error({ err: error, event: event.type }, 'an event of the engine was not handled');
    }
  }
}

function dispatchOne(event: EngineEvent, { sessions, policy }: Domain, network: NetworkKeeper): void {
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
      return recordFlows(event.flows, policy, sessions.table);
    case 'connected':
    case 'response':
      // Of the client's role.
      return undefined;
  }
}
