import { Collector } from '../diagnosis/collector.js';
import type { ApiParts } from './apiParts.js';

/** What diagnoses of clients are made from. */
export function composeCollector(parts: ApiParts): Collector {
  const { config, domain, directory, store, network, pools, observation, clock } = parts;
  const { care, sessions, metrics, usage } = domain;
  return new Collector({
    ...{ directory, store, network, pools, usage, metrics, clock },
    ...domain.policy,
    takesTokens: config.auth.clientTokens,
    table: sessions.table,
    openSessions: care.openSessions,
    load: observation.load,
    lastConnected: (clientUuid) => care.search.lastConnectedAt(clientUuid),
    quota: config.sessions,
  });
}
