import { composeAdministration } from '../administration/administration.js';
import { AddressAdministration } from '../api/addressAdministration.js';
import { ClientAdministration } from '../api/clientAdministration.js';
import type { ConfigurationModel } from '../api/models/configuration.js';
import type { HealthModel, StatusModel } from '../api/models.js';
import { Idempotency } from '../api/idempotency.js';
import { SessionAdministration } from '../api/sessionAdministration.js';
import { WebhookAdministration } from '../api/webhookAdministration.js';
import type { ApiServices } from '../api/services.js';
import type { EffectiveConfiguration } from '../config/effective.js';
import { Scraper } from '../metrics/scrape.js';
import { backupContent } from '../store/backup/backup.js';
import { composeCredentialApi, type CredentialParts } from './credentialApi.js';
import { composePeople } from './people.js';
import { tunnelUrl } from './names.js';
import { composePolicyApi } from './policyApi.js';
import type { ApiParts } from './apiParts.js';

/** A rendering per this time at most; scrapes that come sooner share one. */
const scrapeIntervalMs = 100;

/** What the API shows of the composed server. */
export function apiServices(parts: ApiParts & CredentialParts): ApiServices {
  const { config, domain, directory, credential, store, names, udpAddress, clock } = parts;
  const scrapes = new Scraper(domain.metrics, clock, scrapeIntervalMs);
  const startedAtMs = Math.trunc(clock.now());
  const startedMonotonic = clock.monotonic();
  const { care, sessions, metrics } = domain;
  const clients = new ClientAdministration({
    ...care,
    directory,
    pools: parts.pools,
    endpoint: (host) => ({
      caPem: credential.trust.anchorsPem,
      url: tunnelUrl(host ?? names.publicHost, udpAddress, config.server.path),
      addressHints: names.addresses,
    }),
  });
  const people = composePeople(parts);
  const { sessionIdleMs: idleMs, sessionAbsoluteMs: absoluteMs } = config.api;
  return {
    site: parts.site,
    metricsToken: parts.secrets.metricsToken,
    idempotency: new Idempotency(store.idempotencyKeys, clock),
    administration: composeAdministration({
      ...parts,
      limits: { idleMs, absoluteMs },
      oidc: people?.oidc ?? null,
    }),
    devices: people?.devices ?? null,
    clients,
    sessions: new SessionAdministration({
      table: sessions.table,
      metrics,
      history: store.sessionHistory,
      servers: store.servers,
      server: parts.serverId,
      directory,
      disconnection: care.disconnection,
    }),
    addresses: new AddressAdministration(parts),
    ...composeCredentialApi(parts),
    ...composePolicyApi(parts),
    settings: parts.settings,
    audit: store.audit,
    events: parts.events,
    logs: parts.logs,
    webhooks: new WebhookAdministration(parts.webhooks, store.webhooks),
    configuration: () => configurationModel(parts.effective),
    backup: async (actor) => {
      const now = Math.trunc(clock.now());
      const entry = { actor, action: 'server.backup', targetKind: 'server', target: 'database', now };
      await store.audit.insert(entry);
      return backupContent(() => store.snapshot(), { now, version: parts.version });
    },
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
  const { config, version, domain, directory, authorities, store, pools, network, udpAddress, clock } = parts;
  const { state } = network;
  pools.expire(Math.trunc(clock.now()));
  const { ipv4, ipv6 } = pools.usage();
  return {
    version,
    udpAddress,
    caSha256: authorities.issuing.sha256,
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

function configurationModel({ file, sections }: EffectiveConfiguration): ConfigurationModel {
  return {
    file,
    sections: sections.map(({ name, description, settings }) => ({
      name,
      description,
      settings: settings.map(({ value, ...setting }) => ({
        ...setting,
        value: typeof value === 'object' ? [...value] : value,
      })),
    })),
  };
}

function healthOf({ network, store }: ApiParts): HealthModel {
  const problems = [
    ...(network.state.active ? [] : [network.state.problem.code]),
    ...(store.available ? [] : ['STORE_UNAVAILABLE']),
  ];
  return { status: problems.length === 0 ? 'ok' : 'degraded', problems };
}
